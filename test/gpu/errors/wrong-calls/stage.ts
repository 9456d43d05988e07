import * as norm from '../../../../src/index.ts';
import type { Tensor } from '../../../../src/index.ts';
import { gpu } from '../../../setup/gpu.ts';

export const adapters = await gpu();
export const context = await norm.createContext({ gpu: adapters });
export const { device } = context;
export const of = (...shape: number[]): Tensor => context.empty(shape);

export const x = of(4, 6, 5);
export const dy = of(4, 6, 5);
export const weight = of(5);
export const running = { runningMean: of(6), runningVar: of(6) };
export const training = { training: true } as const;
export const array = { data: new Float32Array(120), shape: [4, 6, 5] };

export const buffer = device.createBuffer({ size: 1024, usage: 0x84 });
export const encoder = device.createCommandEncoder();
export const pass = device.createCommandEncoder().beginComputePass();
pass.end();
/** An encoder that was finished, with a call in it. */
export const finished = device.createCommandEncoder();
export const bundle = device.createRenderBundleEncoder({ colorFormats: ['rgba8unorm'] });

export const saved = norm.layerNormForward(x, { weight }).saved;
export const moments = norm.moments(x, { axes: [0, 2] });
export const savedOfMoments = norm.batchNormForward(x, { ...training, moments }).saved;
export const sums = norm.gradientSums(dy, savedOfMoments);
export const momentsData = await moments.read();
export const sumsData = await sums.read();

norm.layerNorm(x, { encoder: finished }).destroy();
device.queue.submit([finished.finish()]);

/** Calls that went well must not let a wrong one pass that looks like them. */
norm.layerNorm(x, { axes: [1], eps: 1 });
norm.groupNorm(x, { numGroups: 2, channelAxis: 1 });
norm.normalize(x, { axes: 1, statistic: 'mean-variance' });
