import { ATTRIBUTE_TYPES, DATA_TYPES, encodeModel, valueInfo } from '../../bench/libraries/onnx/protobuf.ts';
import type { NodeProto, TensorProto } from '../../bench/libraries/onnx/protobuf.ts';
import { Random } from '../gpu/support/random.ts';

/** The models of `examples/onnx`: two halves of a block, and the whole of it. */

const [TOKENS, HIDDEN, LOGITS] = [8, 64, 10] as const;
const random = new Random(1);

type Shapes = Readonly<Record<string, readonly number[]>>;

const weights = (name: string, dims: readonly [number, number]): TensorProto => {
  const data = random.normals(dims[0] * dims[1], 0, 1 / Math.sqrt(dims[0]));
  return { name, dims, dataType: DATA_TYPES.float32, rawData: new Uint8Array(data.buffer) };
};
const attentionWeights = weights('attentionWeights', [HIDDEN, HIDDEN]);
const headWeights = weights('headWeights', [HIDDEN, LOGITS]);

const node = (opType: string, input: string[], output: string): NodeProto => ({
  opType,
  domain: '',
  name: output,
  input,
  output: [output],
  attribute: [],
});
const attend = node('MatMul', ['x', 'attentionWeights'], 'attended');
const judge = node('MatMul', ['hidden', 'headWeights'], 'logits');
const normalize: NodeProto = {
  ...node('SkipSimplifiedLayerNormalization', ['attended', 'x', 'gamma'], 'hidden'),
  domain: 'com.microsoft',
  attribute: [{ name: 'epsilon', type: ATTRIBUTE_TYPES.float, f: 1e-6 }],
};

function encode(nodes: readonly NodeProto[], initializer: readonly TensorProto[], inputs: Shapes, outputs: Shapes) {
  const infos = (shapes: Shapes) => Object.entries(shapes).map(([name, dims]) => valueInfo(name, dims));
  const opsetImport = [
    { domain: '', version: 21 },
    { domain: 'com.microsoft', version: 1 },
  ];
  const graph = { name: 'block', node: nodes, initializer, input: infos(inputs), output: infos(outputs) };
  return encodeModel({ irVersion: 10, opsetImport, graph });
}

const [x, hidden, logits] = [
  [TOKENS, HIDDEN],
  [TOKENS, HIDDEN],
  [TOKENS, LOGITS],
];

/** By the names of their files. */
export const models: Readonly<Record<string, Uint8Array>> = {
  'attention.onnx': encode([attend], [attentionWeights], { x: x! }, { attended: x! }),
  'head.onnx': encode([judge], [headWeights], { hidden: hidden! }, { logits: logits! }),
  'whole.onnx': encode(
    [attend, normalize, judge],
    [attentionWeights, headWeights],
    { x: x!, gamma: [HIDDEN] },
    { logits: logits! },
  ),
};
