import { ATTRIBUTE_TYPES, encodeModel, valueInfo } from '../../../bench/libraries/onnx/protobuf.ts';
import type { AttributeProto } from '../../../bench/libraries/onnx/protobuf.ts';

/** A model of one node, whose inputs and outputs are those of the model. */
export interface NodeModel {
  opType: string;
  domain?: string;
  /** The version of the standard's operators. */
  opset: number;
  /** Whole numbers are integers, but for those of `FLOATS`. */
  attributes?: Readonly<Record<string, number | readonly number[]>>;
  /** Shapes by name, in the operator's order; null for what is left out. */
  inputs: Readonly<Record<string, readonly number[] | null>>;
  outputs: Readonly<Record<string, readonly number[] | null>>;
}

const FLOATS = new Set(['epsilon', 'momentum']);
/** The version of the format. */
const IR_VERSION = 10;

export function encodeNode({ opType, domain = '', opset, attributes = {}, inputs, outputs }: NodeModel): Uint8Array {
  const there = (shapes: NodeModel['inputs']) =>
    Object.entries(shapes).flatMap(([name, shape]) => (shape ? [valueInfo(name, shape)] : []));
  const names = (shapes: NodeModel['inputs']) => Object.entries(shapes).map(([name, shape]) => (shape ? name : ''));
  return encodeModel({
    irVersion: IR_VERSION,
    opsetImport: [
      { domain: '', version: opset },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: opType,
      node: [
        {
          opType,
          domain,
          name: opType,
          input: names(inputs),
          output: names(outputs),
          attribute: Object.entries(attributes).map(attributeOf),
        },
      ],
      initializer: [],
      input: there(inputs),
      output: there(outputs),
    },
  });
}

function attributeOf([name, value]: [string, number | readonly number[]]): AttributeProto {
  if (typeof value !== 'number') return { name, type: ATTRIBUTE_TYPES.ints, ints: value };
  return FLOATS.has(name)
    ? { name, type: ATTRIBUTE_TYPES.float, f: value }
    : { name, type: ATTRIBUTE_TYPES.int, i: value };
}
