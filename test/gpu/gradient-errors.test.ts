import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import * as norm from '../../src/index.ts';
import type { NormErrorCode, Saved, Tensor } from '../../src/index.ts';
import { gpu } from '../setup/gpu.ts';

/** Wrong calls of gradients: each a typed error that says what was given and what would be right, before anything is recorded. */

const context = await norm.createContext({ gpu: await gpu() });
const other = await norm.createContext({ gpu: await gpu() });
const { device } = context;
const of = (...shape: number[]): Tensor => context.empty(shape);
const untyped = (value: unknown): never => value as never;

const x = of(4, 6, 5);
const dy = of(4, 6, 5);
const counted = context.tensor([1, 2, 3, 4, 5], [5], { dtype: 'u32' });
const gone = of(4, 6, 5);
gone.destroy();

const { y, saved } = norm.layerNorm(x, { weight: of(5), bias: of(5), save: true });
const plain = norm.layerNorm(x, { save: true }).saved;
const ofBatch = norm.batchNorm(x, { training: true, save: true }).saved;
const inference = norm.batchNorm(x, { runningMean: of(6), runningVar: of(6), save: true }).saved;
const ofPart = norm.batchNorm(x, {
  training: true,
  moments: norm.moments(of(8, 6, 5), { axes: [0, 2] }),
  save: true,
}).saved;
const freed = norm.layerNorm(x, { save: true }).saved;
freed.destroy();
const [lostX, lostWeight] = [of(4, 6, 5), of(5)];
const savedOfLostX = norm.layerNorm(lostX, { save: true }).saved;
const savedOfLostWeight = norm.layerNorm(x, { weight: lostWeight, save: true }).saved;
lostX.destroy();
lostWeight.destroy();

const sums = norm.gradientSums(dy, ofPart);
const otherSums = norm.gradientSums(of(4, 7, 5), norm.batchNorm(of(4, 7, 5), { training: true, save: true }).saved);
const { layerNormBackward, batchNormBackward } = norm;
const recorded = (record: object) => () => layerNormBackward(dy, saved, {}, untyped(record));

const encoder = device.createCommandEncoder();
beforeEach(() => {
  vi.spyOn(device, 'createCommandEncoder');
  vi.spyOn(device.queue, 'submit');
  vi.spyOn(encoder, 'beginComputePass');
});
afterEach(() => void vi.restoreAllMocks());

it.each<[what: string, code: NormErrorCode, says: RegExp, call: () => unknown]>([
  [
    'dy of another shape',
    'shape',
    /dy has shape \[4,5,6\], but x has \[4,6,5\]/,
    () => layerNormBackward(of(4, 5, 6), saved),
  ],
  ['dy of another dtype', 'dtype', /dy holds u32; it must hold f32/, () => layerNormBackward(counted, saved)],
  ['dy that is no tensor', 'option', /dy is no Tensor/, () => layerNormBackward(untyped([1, 2]), saved)],
  ['dy that was destroyed', 'destroyed', /dy was destroyed/, () => layerNormBackward(gone, saved)],
  ['dy of another device', 'device', /dy is on another device/, () => layerNormBackward(other.empty([4, 6, 5]), saved)],
  [
    'a call that saved nothing',
    'saved',
    /\{ y, saved \} = layerNorm\(…, \{ save: true \}\)/,
    () => layerNormBackward(dy, untyped(y)),
  ],
  [
    'nothing saved at all',
    'saved',
    /saved is not what a forward call saved/,
    () => layerNormBackward(dy, untyped(undefined)),
  ],
  ['a lookalike', 'saved', /saved is not what/, () => layerNormBackward(dy, untyped({ mean: x, rstd: x }))],
  [
    'what another mode saved',
    'saved',
    /saved is of a call of batchNorm; give that of a layerNorm call/,
    () => layerNormBackward(dy, ofBatch),
  ],
  ['what was freed', 'destroyed', /saved was destroyed; keep it/, () => layerNormBackward(dy, freed)],
  ['an x that is gone', 'destroyed', /x was destroyed/, () => layerNormBackward(dy, savedOfLostX)],
  ['a weight that is gone', 'destroyed', /weight was destroyed/, () => layerNormBackward(dy, savedOfLostWeight)],
  [
    'an unknown output',
    'option',
    /outputs names 'dgamma'; there are dx, dweight, dbias/,
    () => layerNormBackward(dy, saved, untyped({ outputs: ['dgamma'] })),
  ],
  [
    'an output that the call has not',
    'option',
    /'dweight', but the call had no weight; there are dx/,
    () => layerNormBackward(dy, plain, { outputs: ['dweight'] }),
  ],
  [
    'outputs that are no list',
    'option',
    /outputs is the text "dx"; it must be an Array/,
    () => layerNormBackward(dy, saved, untyped({ outputs: 'dx' })),
  ],
  ['an unknown option', 'option', /no option 'sums'/, () => layerNormBackward(dy, saved, untyped({ sums }))],
  ['an unknown way of recording', 'option', /no option 'into'/, recorded({ into: {} })],
  ['an unknown gradient to write', 'option', /no option 'dgamma'/, recorded({ out: { dgamma: of(5) } })],
  [
    'a result of another shape',
    'shape',
    /dweight has shape \[6\], but weight has \[5\]/,
    recorded({ accumulate: { dweight: of(6) } }),
  ],
  ['a result of another dtype', 'dtype', /dbias holds u32/, recorded({ accumulate: { dbias: counted } })],
  ['a result that is no tensor', 'option', /dx is no Tensor/, recorded({ out: { dx: new Float32Array(120) } })],
  ['a result that was destroyed', 'destroyed', /dx was destroyed/, recorded({ out: { dx: gone } })],
  [
    'a result on another device',
    'device',
    /dx is on another device/,
    recorded({ out: { dx: other.empty([4, 6, 5]) } }),
  ],
  ['a result on top of x', 'usage', /dx overlaps x/, recorded({ out: { dx: x } })],
  ['a result on top of dy', 'usage', /dx overlaps dy/, recorded({ accumulate: { dx: dy } })],
  [
    'a result given twice',
    'option',
    /dx is in out and in accumulate/,
    recorded({ out: { dx: of(4, 6, 5) }, accumulate: { dx: of(4, 6, 5) } }),
  ],
  [
    'a result that is not computed',
    'option',
    /out has dweight, which is not computed; there are dx/,
    () => layerNormBackward(dy, plain, {}, { out: { dweight: of(5) } }),
  ],
  [
    'sums missing',
    'option',
    /sums are missing; the call normalized by moments of 40 values/,
    () => batchNormBackward(dy, ofPart),
  ],
  [
    'sums of one part',
    'option',
    /sums are of 20 values a channel, but the statistics of 40/,
    () => batchNormBackward(dy, ofPart, { sums }),
  ],
  [
    'sums of other channels',
    'option',
    /sums are of 7 channels, but the call has 6/,
    () => batchNormBackward(dy, ofPart, { sums: otherSums }),
  ],
  [
    'sums for constants',
    'option',
    /normalized by running statistics; leave them out/,
    () => batchNormBackward(dy, inference, { sums }),
  ],
  [
    'sums that are none',
    'option',
    /sums are no GradientSums/,
    () => batchNormBackward(dy, ofPart, { sums: untyped({}) }),
  ],
  [
    'sums of a call of another mode',
    'saved',
    /gradientSums: saved is of a call of layerNorm/,
    () => norm.gradientSums(dy, saved),
  ],
  ['sums of constants', 'saved', /needs no sums/, () => norm.gradientSums(dy, inference)],
  ['sums over another dy', 'shape', /gradientSums: dy has shape/, () => norm.gradientSums(of(6), ofPart)],
  ['nothing to merge', 'option', /mergeGradientSums: parts is empty/, () => norm.mergeGradientSums([])],
  [
    'something else to merge',
    'option',
    /part 0 is no GradientSums but a Saved/,
    () => norm.mergeGradientSums(untyped([saved satisfies Saved])),
  ],
  [
    'channels that differ',
    'shape',
    /a part has shape \[7\], the first \[6\]/,
    () => norm.mergeGradientSums([sums, otherSums]),
  ],
])('%s', (_, code, says, call) => {
  let caught: unknown;
  try {
    call();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(norm.NormError);
  expect((caught as norm.NormError).code).toBe(code);
  expect((caught as norm.NormError).message).toMatch(says);
  expect(device.createCommandEncoder).not.toHaveBeenCalled();
  expect(device.queue.submit).not.toHaveBeenCalled();
});
