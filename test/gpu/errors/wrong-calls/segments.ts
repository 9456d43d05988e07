import * as norm from '../../../../src/index.ts';
import { context, of, running, x } from './stage.ts';
import { untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

/** Packed sequences: starts that are none, and what they do not go with. */

const starts = context.empty([4], { dtype: 'u32' });
const packed = of(20, 6);
const six = of(6);
const ofShort = [0, 5, 7];
norm.instanceNorm(of(7, 6), { segments: ofShort });
const ofLong = [0, 5, 20];
norm.instanceNorm(packed, { segments: ofLong });
const rows = context.empty([20], { dtype: 'f32' });
const twenty = context.empty([5, 4], { dtype: 'u32' });
const none = context.empty([1], { dtype: 'u32' });
const moments = norm.moments(of(3, 6, 5), { axes: [2] });

const together = (name: string): string =>
  `segments and ${name} are both given; with segments, statistics are of whole sequences of x [T,C], leave ${name} out`;

/** Starts whose memory went to a worker. */
const transferred = Int32Array.of(0, 5, 20);
structuredClone(transferred, { transfer: [transferred.buffer] });

export const SEGMENTS: WrongCall[] = [
  [
    'segments: numbers that were transferred',
    () => norm.layerNorm(packed, { segments: transferred }),
    'option',
    /^layerNorm: segments are \[\], which is no sequence: /,
  ],
  [
    'segments: floats',
    () => norm.instanceNorm(packed, { segments: untyped(Float32Array.of(0, 3, 20)) }),
    'option',
    /^instanceNorm: segments is no Tensor but a Float32Array/,
  ],
  ...(
    [
      [[0, Symbol('5'), 20], 'a Symbol'],
      [[0, Object.create(null), 20], 'an object'],
      [[0, '5', 20], '"5"'],
    ] as const
  ).map(([segments, given]): WrongCall => [
    `segments: ${given} among numbers`,
    () => norm.instanceNorm(packed, { segments: untyped(segments) }),
    'option',
    new RegExp(`^instanceNorm: segments are \\[0,${given},20\\], of which number 1 is .*, no whole number; `),
  ]),
  [
    'segments and axes that are false',
    () => norm.layerNorm(packed, untyped({ segments: ofLong, axes: false })),
    'option',
    `layerNorm: ${together('axes')}`,
  ],
  [
    'segments: numbers that descend',
    () => norm.instanceNorm(packed, { segments: [0, 5, 3, 20] }),
    'option',
    'instanceNorm: segments are [0,5,3,20], of which number 2 is 3, after 5; starts of sequences must ascend, the first 0, the last the 20 rows of x [20,6]',
  ],
  [
    'segments: numbers that do not begin with 0',
    () => norm.layerNorm(packed, { segments: Int32Array.of(-1, 5, 20) }),
    'option',
    /^layerNorm: segments are \[-1,5,20\], which begin with -1; /,
  ],
  [
    'segments: numbers that do not end with x',
    () => norm.groupNorm(packed, { numGroups: 2, segments: Uint32Array.of(0, 5, 21) }),
    'option',
    /^groupNorm: segments are \[0,5,21\], which end with 21; /,
  ],
  [
    'segments: numbers of a shorter x',
    () => norm.instanceNorm(packed, { segments: ofShort }),
    'option',
    /^instanceNorm: segments are \[0,5,7\], which end with 7; /,
  ],
  [
    'segments: numbers that are not whole',
    () => norm.layerNorm(packed, { segments: [0, 2.5, 20] }),
    'option',
    /of which number 1 is 2\.5, no whole number/,
  ],
  [
    'segments: text',
    () => norm.layerNorm(packed, { segments: untyped([0, '5', 20]) }),
    'option',
    /^layerNorm: segments are \[0,"5",20\], of which number 1 is the text "5", no whole number/,
  ],
  [
    'segments: one number',
    () => norm.layerNorm(packed, { segments: [0] }),
    'option',
    /^layerNorm: segments are \[0\], which is no sequence/,
  ],
  [
    'segments: numbers for a padded x',
    () => norm.instanceNorm(x, { segments: [0, 4] }),
    'shape',
    'instanceNorm: x has shape [4,6,5]; with segments it must be [T,C], the rows of all sequences one after the other',
  ],
  [
    'segments: numbers, and a mask',
    // @ts-expect-error the compiler refuses it too
    () => norm.layerNorm(packed, { segments: [0, 7, 20], mask: rows }),
    'option',
    `layerNorm: ${together('mask')}`,
  ],
  [
    'segments: starts of floats',
    // @ts-expect-error the compiler refuses it too
    () => norm.layerNorm(packed, { segments: rows }),
    'dtype',
    'layerNorm: segments holds f32; it must hold u32',
  ],
  [
    'segments: two axes',
    () => norm.layerNorm(packed, { segments: twenty }),
    'shape',
    'layerNorm: segments has shape [5,4]; it must be [S + 1], the starts of S sequences and the end of the last',
  ],
  [
    'segments: no end',
    () => norm.groupNorm(packed, { numGroups: 2, segments: none }),
    'shape',
    'groupNorm: segments has shape [1]; it must be [S + 1], the starts of S sequences and the end of the last',
  ],
  [
    'segments of a padded x',
    () => norm.instanceNorm(x, { segments: starts }),
    'shape',
    'instanceNorm: x has shape [4,6,5]; with segments it must be [T,C], the rows of all sequences one after the other',
  ],
  [
    'segments and a layout',
    // @ts-expect-error the compiler refuses it too
    () => norm.groupNorm(packed, { numGroups: 2, segments: starts, layout: 'CN' }),
    'option',
    `groupNorm: ${together('layout')}`,
  ],
  [
    'segments and axes',
    // @ts-expect-error the compiler refuses it too
    () => norm.layerNorm(packed, { segments: starts, axes: -1 }),
    'option',
    `layerNorm: ${together('axes')}`,
  ],
  [
    'segments and a mask',
    // @ts-expect-error the compiler refuses it too
    () => norm.layerNorm(packed, { segments: starts, mask: rows }),
    'option',
    `layerNorm: ${together('mask')}`,
  ],
  [
    'segments and unbiased',
    // @ts-expect-error the compiler refuses it too
    () => norm.layerNorm(packed, { segments: starts, unbiased: true }),
    'option',
    `layerNorm: ${together('unbiased')}`,
  ],
  [
    'segments and moments',
    // @ts-expect-error the compiler refuses it too
    () => norm.instanceNorm(packed, { segments: starts, moments }),
    'option',
    `instanceNorm: ${together('moments')}`,
  ],
  [
    'segments and running statistics',
    // @ts-expect-error the compiler refuses it too
    () => norm.instanceNorm(packed, { segments: starts, ...running }),
    'option',
    `instanceNorm: ${together('runningMean')}`,
  ],
  [
    'segments and running statistics that are used',
    // @ts-expect-error the compiler refuses it too
    () => norm.instanceNorm(packed, { segments: starts, useInputStats: false }),
    'option',
    'instanceNorm: segments are given, but running statistics are to be used; give one of them',
  ],
  [
    'segments and a scale of rows',
    () => norm.instanceNorm(packed, { segments: starts, modulation: { scale: packed } }),
    'parameter',
    'instanceNorm: scale varies from row to row; with segments it must be [C], one number a channel',
  ],
  [
    'segments and a weight of rows',
    () => norm.layerNorm(packed, { segments: starts, weight: packed }),
    'parameter',
    /^layerNorm: weight has 120 elements, but .* 6$/,
  ],
  [
    'segments of batchNorm',
    () => norm.batchNorm(packed, untyped({ training: true, segments: starts, weight: six })),
    'option',
    /^batchNorm: there is no option 'segments'; segments is an option of layerNorm, instanceNorm, groupNorm; the options are/,
  ],
];
