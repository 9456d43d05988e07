import { ATTRIBUTE_TYPES, DATA_TYPES, encodeModel, valueInfo } from './protobuf.ts';
import type { AttributeProto, NodeProto, TensorProto } from './protobuf.ts';

/** The name of a value in a graph. */
export type Value = string;

type Shapes = Readonly<Record<string, readonly number[]>>;

/** Attributes: lists and those of `INTEGERS` are integers, others floats. */
export type Attributes = Record<string, number | readonly number[]>;

const INTEGERS = new Set(['axis', 'num_groups', 'num_heads']);
/** The operators that ONNX Runtime has beside the standard. */
export const MICROSOFT = 'com.microsoft';
/** The last whose operators the JSEP build has on WebGPU: of newer ones it runs some on the CPU. */
const OPSET = 21;
/** The version of the format that came with the opset. */
const IR_VERSION = 10;

/** The name of an output: running statistics come in and go out, and no two values of a graph may be called alike. */
export function outputCalled(name: string): string {
  return `${name}Result`;
}

/** A graph that is written down node by node; each is named by what it gives. */
export class Graph {
  readonly #nodes: NodeProto[] = [];
  readonly #constants: TensorProto[] = [];

  /** A node of one result. */
  node(opType: string, input: readonly Value[], attributes: Attributes = {}): Value {
    return this.operator({ opType, input, attributes, outputs: ['result'] })['result']!;
  }

  /** A node whose results have names; those left empty are not wanted. */
  operator(of: {
    opType: string;
    domain?: string;
    input: readonly Value[];
    attributes?: Attributes;
    outputs: readonly string[];
  }): Record<string, Value> {
    const { opType, domain = '', input, attributes = {}, outputs } = of;
    const name = `${opType}${this.#nodes.length}`;
    const named = outputs.map((output) => output && `${name}${output}`);
    const attribute = Object.entries(attributes).map(attributeOf);
    this.#nodes.push({ input, output: named, name, opType, domain, attribute });
    return Object.fromEntries(outputs.map((output, index) => [output, named[index]!]));
  }

  /** Numbers that are part of the model. */
  constant(data: Float32Array | readonly number[], dims: readonly number[] = [data.length]): Value {
    const rawData = new Uint8Array(Float32Array.from(data).buffer);
    return this.#keep({ dims, dataType: DATA_TYPES.float32, rawData });
  }

  /** Shapes and axes, as newer operators take them. */
  integers(data: readonly number[]): Value {
    const rawData = new Uint8Array(BigInt64Array.from(data, BigInt).buffer);
    return this.#keep({ dims: [data.length], dataType: DATA_TYPES.int64, rawData });
  }

  /** The model whose outputs are these values; {@link outputCalled} says how they are called. */
  encode(inputs: Shapes, results: Readonly<Record<string, Value>>, shapes: Shapes): Uint8Array {
    const names = new Map(Object.entries(results).map(([name, value]) => [value, outputCalled(name)]));
    const rename = (value: Value): Value => names.get(value) ?? value;
    const node = this.#nodes.map(({ input, output, ...rest }) => ({
      ...rest,
      input: input.map(rename),
      output: output.map(rename),
    }));
    return encodeModel({
      irVersion: IR_VERSION,
      opsetImport: [
        { domain: '', version: OPSET },
        { domain: MICROSOFT, version: 1 },
      ],
      graph: {
        name: 'normalization',
        node,
        initializer: this.#constants,
        input: Object.entries(inputs).map(([name, dims]) => valueInfo(name, dims)),
        output: Object.keys(results).map((name) => valueInfo(outputCalled(name), shapes[name]!)),
      },
    });
  }

  #keep(tensor: Omit<TensorProto, 'name'>): Value {
    const name = `constant${this.#constants.length}`;
    this.#constants.push({ name, ...tensor });
    return name;
  }
}

function attributeOf([name, value]: [string, number | readonly number[]]): AttributeProto {
  if (typeof value !== 'number') return { name, type: ATTRIBUTE_TYPES.ints, ints: value };
  return INTEGERS.has(name)
    ? { name, type: ATTRIBUTE_TYPES.int, i: value }
    : { name, type: ATTRIBUTE_TYPES.float, f: value };
}
