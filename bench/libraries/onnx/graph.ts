import { ATTRIBUTE_TYPES, DATA_TYPES, encodeModel, valueInfo } from './protobuf.ts';
import type { AttributeProto, NodeProto, TensorProto } from './protobuf.ts';

/** The name of a value in a graph. */
export type Value = string;

/** Attributes: lists and those of `INTEGERS` are integers, others floats. */
export type Attributes = Record<string, number | readonly number[]>;

const INTEGERS = new Set(['axis', 'num_groups']);
/** The last whose operators the JSEP build has on WebGPU: of newer ones it runs some on the CPU. */
const OPSET = 21;
/** The version of the format that came with the opset. */
const IR_VERSION = 10;

/** A graph that is written down node by node; each is named by what it gives. */
export class Graph {
  readonly #nodes: NodeProto[] = [];
  readonly #constants: TensorProto[] = [];

  /** A node of one result. */
  node(opType: string, input: readonly Value[], attributes: Attributes = {}): Value {
    const name = `${opType}${this.#nodes.length}`;
    this.#nodes.push({ input, output: [name], name, opType, attribute: Object.entries(attributes).map(attribute) });
    return name;
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

  /** The model in which `result` is the only output, called y. */
  encode(inputs: Readonly<Record<string, readonly number[]>>, result: Value, shape: readonly number[]): Uint8Array {
    const node = this.#nodes.map(({ output, ...rest }) => ({
      ...rest,
      output: output.map((name) => (name === result ? 'y' : name)),
    }));
    return encodeModel({
      irVersion: IR_VERSION,
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name: 'normalization',
        node,
        initializer: this.#constants,
        input: Object.entries(inputs).map(([name, dims]) => valueInfo(name, dims)),
        output: [valueInfo('y', shape)],
      },
    });
  }

  #keep(tensor: Omit<TensorProto, 'name'>): Value {
    const name = `constant${this.#constants.length}`;
    this.#constants.push({ name, ...tensor });
    return name;
  }
}

function attribute([name, value]: [string, number | readonly number[]]): AttributeProto {
  if (typeof value !== 'number') return { name, type: ATTRIBUTE_TYPES.ints, ints: value };
  return INTEGERS.has(name)
    ? { name, type: ATTRIBUTE_TYPES.int, i: value }
    : { name, type: ATTRIBUTE_TYPES.float, f: value };
}
