import * as norm from '../../../src/index.ts';
import type { Saved, Tensor } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { encoding, recording, testWrongCalls, untyped } from '../support/wrong-call.ts';
import type { WrongCall } from '../support/wrong-call.ts';

/** Wrong calls of gradients: each a typed error that says what was given and what would be right, before anything is recorded. */

const context = await norm.createContext({ gpu: await gpu() });
const other = await norm.createContext({ gpu: await gpu() });
const of = (...shape: number[]): Tensor => context.empty(shape);

const x = of(4, 6, 5);
const dy = of(4, 6, 5);
const counted = context.tensor([1, 2, 3, 4, 5], [5], { dtype: 'u32' });
const gone = of(4, 6, 5);
gone.destroy();

const { y, saved } = norm.layerNormForward(x, { weight: of(5), bias: of(5) });
const plain = norm.layerNormForward(x).saved;
const ofBatch = norm.batchNormForward(x, { training: true }).saved;
const inference = norm.batchNormForward(x, { runningMean: of(6), runningVar: of(6) }).saved;
const ofPart = norm.batchNormForward(x, {
  training: true,
  moments: norm.moments(of(8, 6, 5), { axes: [0, 2] }),
}).saved;
const ofShare = norm.instanceNormForward(x, { meanScale: of(6) }).saved;
const ofSequences = norm.groupNormForward(of(24, 6), { segments: [0, 4, 24], numGroups: 3 }).saved;
const ofChannels = norm.gradientSums(dy, norm.instanceNormForward(x).saved);
const ofOnes = norm.layerNormForward(of(4, 1)).saved;
const ofStyle = norm.adaptiveInstanceNormForward(x, of(4, 6, 2)).saved;
const inStyle = context.wrap(ofStyle.statistics['styleStatistics']!.storage.buffer, { shape: [4, 6, 2] });
const freed = norm.layerNormForward(x).saved;
freed.destroy();
const [lostX, lostWeight] = [of(4, 6, 5), of(5)];
const savedOfLostX = norm.layerNormForward(lostX).saved;
const savedOfLostWeight = norm.layerNormForward(x, { weight: lostWeight }).saved;
lostX.destroy();
lostWeight.destroy();

const sums = norm.gradientSums(dy, ofPart);
const otherSums = norm.gradientSums(of(4, 7, 5), norm.batchNormForward(of(4, 7, 5), { training: true }).saved);
const { layerNormBackward, batchNormBackward } = norm;
const given = (options: object) => () => layerNormBackward(dy, saved, untyped(options));

const encoder = context.device.createCommandEncoder();

const WRONG: WrongCall[] = [
  [
    'dy of another shape',
    () => layerNormBackward(of(4, 5, 6), saved),
    'shape',
    /dy has shape \[4,5,6\], but x has \[4,6,5\]/,
  ],
  // @ts-expect-error the compiler refuses it too
  ['dy of another dtype', () => layerNormBackward(counted, saved), 'dtype', /dy holds u32; it must hold f32/],
  ['dy that is no tensor', () => layerNormBackward(untyped([1, 2]), saved), 'option', /dy is no Tensor/],
  ['dy that was destroyed', () => layerNormBackward(gone, saved), 'destroyed', /dy was destroyed/],
  ['dy of another device', () => layerNormBackward(other.empty([4, 6, 5]), saved), 'device', /dy is on another device/],
  [
    'a call that saved nothing',
    () => layerNormBackward(dy, untyped(y)),
    'saved',
    /\{ y, saved \} = layerNormForward\(…\)/,
  ],
  [
    'nothing saved at all',
    () => layerNormBackward(dy, untyped(undefined)),
    'saved',
    /saved is not what a forward call saved/,
  ],
  ['a lookalike', () => layerNormBackward(dy, untyped({ mean: x, rstd: x })), 'saved', /saved is not what/],
  [
    'what another mode saved',
    // @ts-expect-error the compiler refuses it too
    () => layerNormBackward(dy, ofBatch),
    'saved',
    /saved is of a call of batchNorm; give that of a layerNorm call/,
  ],
  ['what was freed', () => layerNormBackward(dy, freed), 'destroyed', /saved was destroyed; keep it/],
  ['an x that is gone', () => layerNormBackward(dy, savedOfLostX), 'destroyed', /x was destroyed/],
  ['a weight that is gone', () => layerNormBackward(dy, savedOfLostWeight), 'destroyed', /weight was destroyed/],
  [
    'an unknown gradient',
    () => layerNormBackward(dy, saved, untyped({ gradients: ['dgamma'] })),
    'option',
    /gradients names 'dgamma'; there are dx, dweight, dbias/,
  ],
  [
    'a gradient that the call has not',
    () => layerNormBackward(dy, plain, { gradients: ['dweight'] }),
    'option',
    /'dweight', but the call had no weight; there are dx/,
  ],
  [
    'gradients that are no list',
    () => layerNormBackward(dy, saved, untyped({ gradients: 'dx' })),
    'option',
    /gradients is the text "dx"; it must be an Array/,
  ],
  ['an unknown option', () => layerNormBackward(dy, saved, untyped({ sums })), 'option', /no option 'sums'/],
  ['an unknown option for results', given({ into: {} }), 'option', /no option 'into'/],
  [
    'an unknown gradient to write',
    given({ out: { dgamma: of(5) } }),
    'option',
    /out has no 'dgamma'; here it is called dweight/,
  ],
  [
    'a result of another shape',
    given({ accumulate: { dweight: of(6) } }),
    'shape',
    /dweight has shape \[6\], but weight has \[5\]/,
  ],
  ['a result of another dtype', given({ accumulate: { dbias: counted } }), 'dtype', /dbias holds u32/],
  ['a result that is no tensor', given({ out: { dx: new Float32Array(120) } }), 'option', /dx is no Tensor/],
  ['a result that was destroyed', given({ out: { dx: gone } }), 'destroyed', /dx was destroyed/],
  ['a result on another device', given({ out: { dx: other.empty([4, 6, 5]) } }), 'device', /dx is on another device/],
  ['a result on top of x', given({ out: { dx: x } }), 'usage', /dx overlaps x/],
  ['a result on top of dy', given({ accumulate: { dx: dy } }), 'usage', /dx overlaps dy/],
  [
    'a result on top of the saved mean',
    () => layerNormBackward(of(4, 1), ofOnes, { out: { dx: ofOnes.mean } }),
    'usage',
    /dx overlaps saved/,
  ],
  [
    'a sum on top of the saved rstd',
    () => layerNormBackward(of(4, 1), ofOnes, { accumulate: { dx: ofOnes.rstd } }),
    'usage',
    /dx overlaps saved/,
  ],
  [
    'a result between saved numbers',
    () =>
      layerNormBackward(dy, saved, {
        out: { dweight: context.wrap(saved.mean.buffer, { shape: [5], byteOffset: 256 }) },
      }),
    'usage',
    /dweight overlaps saved/,
  ],
  [
    'a result on top of the saved mean of a style',
    () => norm.adaptiveInstanceNormBackward(dy, ofStyle, { out: { dstyle: inStyle } }),
    'usage',
    /dstyle overlaps styleStatistics/,
  ],
  [
    'a result given twice',
    given({ out: { dx: of(4, 6, 5) }, accumulate: { dx: of(4, 6, 5) } }),
    'option',
    /dx is in out and in accumulate/,
  ],
  [
    'a result that is not computed',
    () => layerNormBackward(dy, plain, { out: { dweight: of(5) } }),
    'option',
    /out has dweight, which is not computed; there are dx/,
  ],
  [
    'sums missing',
    () => batchNormBackward(dy, ofPart),
    'option',
    /sums are missing; the call normalized by moments of 40 values/,
  ],
  [
    'sums of one part',
    () => batchNormBackward(dy, ofPart, { sums }),
    'option',
    /sums are of 20 values a group, but the statistics of 40/,
  ],
  [
    'sums of other channels',
    () => batchNormBackward(dy, ofPart, { sums: otherSums }),
    'option',
    /sums are of 7 groups, but x has 6 that share statistics/,
  ],
  [
    'sums for constants',
    () => batchNormBackward(dy, inference, { sums }),
    'option',
    /normalized by running statistics; leave them out/,
  ],
  [
    'sums that are none',
    () => batchNormBackward(dy, ofPart, { sums: untyped({}) }),
    'option',
    /sums are no GradientSums/,
  ],
  [
    'sums of a call of another mode',
    // @ts-expect-error the compiler refuses it too
    () => norm.gradientSums(dy, saved),
    'saved',
    /gradientSums: saved is of a call of layerNorm/,
  ],
  ['sums of constants', () => norm.gradientSums(dy, inference), 'saved', /takes no sums/],
  [
    'sums of a share of the mean',
    () => norm.gradientSums(dy, ofShare),
    'saved',
    /gradientSums: the call took off a share of the mean \(meanScale\), whose gradient takes no sums/,
  ],
  [
    'sums for a share of the mean',
    () => norm.instanceNormBackward(dy, ofShare, { sums: ofChannels }),
    'option',
    /instanceNormBackward: sums are given, but the call took off a share of the mean \(meanScale\); leave them out/,
  ],
  ['sums of segments', () => norm.gradientSums(of(24, 6), ofSequences), 'saved', /the call was of segments, whose/],
  [
    'sums for segments',
    () => norm.groupNormBackward(of(24, 6), ofSequences, { sums }),
    'option',
    /sums are given, but the call was of segments; leave them out/,
  ],
  ['sums over another dy', () => norm.gradientSums(of(6), ofPart), 'shape', /gradientSums: dy has shape/],
  ['nothing to merge', () => norm.mergeGradientSums([]), 'option', /mergeGradientSums: parts is empty/],
  [
    'something else to merge',
    () => norm.mergeGradientSums(untyped([saved satisfies Saved])),
    'option',
    /part 0 is no GradientSums but a Saved/,
  ],
  [
    'channels that differ',
    () => norm.mergeGradientSums([sums, otherSums]),
    'shape',
    /a part has shape \[7\], the first \[6\]/,
  ],
];

testWrongCalls(WRONG, [...recording(context), ...encoding(encoder)]);
