import * as norm from '../../../../src/index.ts';
import {
  context,
  device,
  dy,
  encoder,
  moments,
  momentsData,
  running,
  saved,
  savedOfMoments,
  sums,
  sumsData,
  x,
} from './stage.ts';
import { untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

/** Moments and sums of gradients of several parts of a batch: merged, and loaded from what was read. */
const parts = (
  merge: 'mergeMoments' | 'mergeGradientSums',
  name: string,
  part: unknown,
  makers: string,
): WrongCall[] => [
  [
    `${merge}: two parts`,
    () => norm[merge](untyped(part), untyped(part)),
    'option',
    `${merge}: parts is a ${name}; it must be an Array of ${name}, [a, b] for example`,
  ],
  [
    `${merge}: nothing`,
    () => norm[merge](untyped(undefined)),
    'option',
    `${merge}: parts is undefined; it must be an Array of ${name}, [a, b] for example`,
  ],
  [`${merge}: no part`, () => norm[merge]([]), 'option', `${merge}: parts is empty; at least one part is needed`],
  [
    `${merge}: a Tensor among parts`,
    () => norm[merge](untyped([part, x])),
    'option',
    `${merge}: part 1 is no ${name} but a Tensor; make it with ${makers}`,
  ],
  [
    `${merge}: parts that are not awaited`,
    () => norm[merge](untyped([Promise.resolve(part)])),
    'option',
    `${merge}: part 0 is no ${name} but a Promise (await it first); make it with ${makers}`,
  ],
  [
    `${merge}: an encoder for options`,
    () => norm[merge](untyped([part]), untyped(encoder)),
    'option',
    `${merge}: options are a GPUCommandEncoder; give a plain object, { encoder } for example`,
  ],
  [
    `${merge}: null for options`,
    () => norm[merge](untyped([part]), untyped(null)),
    'option',
    `${merge}: options are null; give a plain object, { encoder } for example`,
  ],
];

const loads = (
  load: 'loadMoments' | 'loadGradientSums',
  name: string,
  part: unknown,
  data: object,
  elements: number,
): WrongCall[] => {
  const call = (given: unknown) => (): unknown => norm[load](context, untyped(given));
  // Sums over nothing are zero; there are no moments of it.
  const [least, wanted] = load === 'loadMoments' ? [1, 'a positive whole number'] : [0, 'a whole number of at least 0'];
  return [
    [
      `${load}: a device for the context`,
      () => norm[load](untyped(device), untyped(data)),
      'option',
      `${load}: context is a GPUDevice; it must be a Context, as await createContext() makes it`,
    ],
    [
      `${load}: nothing`,
      call(undefined),
      'option',
      `${load}: data is undefined; give what read() resolves to, { data, shape, count }`,
    ],
    [
      `${load}: what was not read`,
      call(part),
      'option',
      `${load}: data is a ${name}; give what read() resolves to, { data, shape, count }`,
    ],
    [
      `${load}: a Promise`,
      call(Promise.resolve(data)),
      'option',
      `${load}: data is a Promise (await it first); give what read() resolves to, { data, shape, count }`,
    ],
    [
      `${load}: numbers that went through JSON`,
      call(JSON.parse(JSON.stringify(data))),
      'dtype',
      `${load}: the data is an object; it must be a typed array or an Array of numbers`,
    ],
    [
      `${load}: numbers of another type`,
      call({ ...data, data: new Int8Array(elements) }),
      'dtype',
      'tensor: the data is an Int8Array, but f32 takes a Float32Array; convert it first',
    ],
    [
      `${load}: too few numbers`,
      call({ ...data, data: new Float32Array(3) }),
      'shape',
      `${load}: the data has 3 elements; of shape [6] there are ${elements}`,
    ],
    [
      `${load}: no shape`,
      call({ ...data, shape: undefined }),
      'shape',
      `${load}: shape is undefined; it must be an Array of sizes`,
    ],
    [
      `${load}: a count as text`,
      call({ ...data, count: '20' }),
      'option',
      `${load}: count is the text "20"; it must be ${wanted}`,
    ],
    [
      `${load}: a count below the least`,
      call({ ...data, count: least - 1 }),
      'option',
      `${load}: count is ${least - 1}; it must be ${wanted}`,
    ],
  ];
};

const instances = norm.moments(x, { axes: [2] });
const ofColumns = norm.moments(context.empty([6, 4, 5]), { axes: [2] });
const sumsOfColumns = norm.gradientSums(
  context.empty([6, 4, 5]),
  norm.instanceNormForward(context.empty([6, 4, 5])).saved,
);
const mergedOfColumns = norm.mergeGradientSums([sumsOfColumns]);
const savedOfInstances = norm.instanceNormForward(x, { moments: instances }).saved;
const sumsOfInstances = norm.gradientSums(dy, savedOfInstances);

export const PARTS: WrongCall[] = [
  ...parts('mergeMoments', 'Moments', moments, 'moments() or loadMoments()'),
  ...parts('mergeGradientSums', 'GradientSums', sums, 'gradientSums() or loadGradientSums()'),
  ...loads('loadMoments', 'Moments', moments, momentsData, 320),
  ...loads('loadGradientSums', 'GradientSums', sums, sumsData, 128),
  [
    'gradientSums: a misspelt option',
    () => norm.gradientSums(dy, savedOfMoments, untyped({ encodr: encoder })),
    'option',
    "gradientSums: there is no option 'encodr'; the options are encoder",
  ],
  [
    'gradientSums: an encoder for options',
    () => norm.gradientSums(dy, savedOfMoments, untyped(encoder)),
    'option',
    'gradientSums: options are a GPUCommandEncoder; give a plain object, { encoder } for example',
  ],
  [
    'gradientSums: a Tensor for what was saved',
    () => norm.gradientSums(dy, untyped(x)),
    'saved',
    /^gradientSums: saved is not what a forward call saved but a Tensor; give the saved of .* = batchNormForward\(…\)/,
  ],
  [
    'gradientSums: what another function saved',
    // @ts-expect-error the compiler refuses it too
    () => norm.gradientSums(dy, saved),
    'saved',
    'gradientSums: saved is of a call of layerNorm; give that of a batchNorm, groupNorm or instanceNorm call',
  ],
  [
    'instanceNorm: moments of another layout',
    () => norm.instanceNorm(x, { moments: ofColumns }),
    'parameter',
    'instanceNorm: moments have shape [6,4], but the groups of x lie as [4,6]; take them of x in its own layout',
  ],
  [
    'groupNorm: moments of channels',
    () => norm.groupNorm(x, { numGroups: 2, moments: instances }),
    'parameter',
    'groupNorm: moments are of 24 groups, but x has 8 that share statistics',
  ],
  [
    'groupNorm: a Tensor for moments',
    () => norm.groupNorm(x, { numGroups: 2, moments: untyped(x) }),
    'option',
    'groupNorm: moments is a Tensor; give what moments() or mergeMoments() returns',
  ],
  [
    'instanceNorm: moments and running statistics that are used',
    () => norm.instanceNorm(x, { ...running, useInputStats: false, moments: instances }),
    'option',
    'instanceNorm: moments are given, but running statistics are to be used; give one of them',
  ],
  [
    'instanceNormBackward: sums of another layout',
    () => norm.instanceNormBackward(dy, savedOfInstances, { sums: sumsOfColumns }),
    'option',
    'instanceNormBackward: sums have shape [6,4], but the groups of x lie as [4,6]; take them of x in its own layout',
  ],
  [
    'instanceNormBackward: merged sums of another layout',
    () => norm.instanceNormBackward(dy, savedOfInstances, { sums: mergedOfColumns }),
    'option',
    /sums have shape \[6,4\], but the groups of x lie as \[4,6\]/,
  ],
  [
    'mergeGradientSums: sums of another layout',
    () => norm.mergeGradientSums([sumsOfInstances, sumsOfColumns]),
    'shape',
    'mergeGradientSums: a part has shape [6,4], the first [4,6]; they must agree',
  ],
  [
    'instanceNormBackward: no sums',
    () => norm.instanceNormBackward(dy, savedOfInstances),
    'option',
    /^instanceNormBackward: sums are missing; the call normalized by moments of 5 values a group/,
  ],
  [
    'instanceNormBackward: sums of channels',
    () => norm.instanceNormBackward(dy, savedOfInstances, { sums }),
    'option',
    'instanceNormBackward: sums are of 6 groups, but x has 24 that share statistics',
  ],
];
