/** Values that have a meaning in a place other than what a right call has there; undefined leaves out whatever may be left out. */
const MEANINGS: readonly { places: readonly string[]; values: readonly string[] }[] = [
  {
    places: [
      'options',
      'accumulate',
      'attributes',
      'entriesUnder 1',
      'loadStateDict 0',
      'memory',
      'out',
      'profile',
      'rename',
      'schedule',
      'writeSafetensors 0',
    ],
    values: ['{}', 'an object without a prototype'],
  },
  // Entries by name, of which one is called length.
  { places: ['entriesUnder 1', 'loadStateDict 0'], values: ['{ length }'] },
  {
    places: [
      'affine',
      'antialias',
      'bias',
      'calibrate',
      'castBeforeWeight',
      'elementwiseAffine',
      'keepDims',
      'normBeforeGate',
      'premultipliedAlpha',
      'specialize',
      'strict',
      'trackRunningStats',
      'train 0',
      'unbiased',
      'unbiasedRunningVar',
    ],
    values: ['true', 'false'],
  },
  // The other of the two needs something beside it.
  { places: ['training', 'useInputStats'], values: ['true'] },
  { places: ['maskOutput', 'zeroCenteredWeight'], values: ['false'] },
  { places: ['entriesUnder 0', 'label', 'trysteroChannel 1', 'version'], values: ["''", "'text'"] },
  // ONNX's own.
  { places: ['domain'], values: ["''"] },
  { places: ['call 0', 'explain 0', 'onError', 'prepare 0', 'programs', 'ready 0'], values: ['a function'] },
  // A scalar, or none of several.
  {
    places: [
      'averageGradients 1',
      'broadcastParameters 1',
      'empty 0',
      'gradients',
      'outputs',
      'shape',
      'sumGradients 1',
    ],
    values: ['[]'],
  },
  { places: ['allReduce 0'], values: ['a Float32Array'] },
  { places: ['alpha', 'fill', 'mean'], values: ['0', '-1', '1.5'] },
  { places: ['eps'], values: ['0', '1.5'] },
  { places: ['std'], values: ['1.5'] },
  { places: ['axes', 'channelAxis', 'slice 0'], values: ['0', '-1'] },
  { places: ['background', 'byteOffset', 'count', 'slice 1', 'slice 2'], values: ['0'] },
  // The average over all batches.
  { places: ['momentum'], values: ['0', 'null'] },
];

/** The same, as outcomes name it: `eps: 0`. */
export const TAKEN: ReadonlySet<string> = new Set(
  MEANINGS.flatMap(({ places, values }) => places.flatMap((place) => values.map((value) => `${place}: ${value}`))),
);
