import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Context, ContextOptions, Tensor } from '../../../src/index.ts';
import { Usage } from '../../../src/runtime/usage.ts';
import { gpu } from '../../setup/gpu.ts';
import { Random } from '../support/random.ts';
import { watchAccesses } from '../support/accesses.ts';
import { sizeOf } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/**
 * No program reaches beyond an array, not even for what it does not use: calls whose last load, last group or last workgroup has less to do than the
 * others. WebGPU would keep such an access within what is bound; here it is found before. And no invocation runs ahead of others that it shares memory with.
 */

const { device, profile } = await norm.createContext({ gpu: await gpu() });
const faults = watchAccesses(device);
/** One binding is the watch's own; few workgroups in one dimension, so that some in two have nothing to do. */
const common = { maxArrays: profile.maxArrays - 1, maxDispatch: 3 };
const PLANS = {
  software: { ...common, software: true, parallel: 64 },
  hardware: { ...common, software: false, parallel: 1 << 10, maxWorkgroup: 64 },
};
const contextOf = (plans: ContextOptions['profile'], given = device): Promise<Context> =>
  norm.createContext({ device: given, profile: plans, specialize: false, calibrate: false });
const contexts = [
  ['software', await contextOf(PLANS.software)],
  ['hardware', await contextOf(PLANS.hardware)],
] as const;

type Make = (context: Context) => object;
type Call = [op: 'layerNorm', shape: number[], make: Make, dtype?: 'f16' | 'bf16'];

const random = new Random(31);
const numbers = (context: Context, shape: number[], dtype: 'f32' | 'f16' | 'bf16' = 'f32'): Tensor =>
  context.tensor(random.normals(sizeOf(shape)), shape, { dtype });
const affine =
  (size: number, more: object = {}): Make =>
  (context) => ({ weight: numbers(context, [size]), bias: numbers(context, [size]), ...more });
const rotary =
  (size: number, pairs: number, interleaved: boolean): Make =>
  (context) => ({
    weight: numbers(context, [size]),
    rotary: {
      cos: numbers(context, [9, pairs]),
      sin: numbers(context, [9, pairs]),
      interleaved,
      dims: 2 * pairs,
      tokenAxis: 1,
      positions: context.tensor([8, 3, 0, 8, 100, 1, 2], [7], { dtype: 'u32' }),
    },
  });
const modulated =
  (channels: number): Make =>
  (context) => ({
    modulation: { scale: numbers(context, [6, channels]), shift: numbers(context, [6, channels]) },
  });
const masked =
  (shape: number[], options: object): Make =>
  (context) => ({
    ...options,
    mask: context.tensor(
      Array.from({ length: sizeOf(shape) }, (_, index) => index % 3),
      shape,
    ),
    maskOutput: true,
  });
const running =
  (channels: number, options: object): Make =>
  (context) => ({
    ...options,
    runningMean: numbers(context, [channels]),
    runningVar: context.tensor(new Float32Array(channels).fill(1), [channels]),
  });

const CALLS = [
  ...[1, 3, 6, 13, 130, 3001].map((length) => ['layerNorm', [length > 1000 ? 5 : 333, length], affine(length)]),
  ...[7, 64].map((length) => ['rmsNorm', [9, length], affine(length, { activation: 'silu' }), 'f16']),
  ...[5, 12].map((length) => ['layerNorm', [6, 50, length], modulated(length)]),
  ['layerNorm', [6, 50, 13], modulated(13), 'bf16'],
  ['layerNorm', [2, 9, 7], masked([2, 9], { axes: [1, 2] })],
  ['layerNorm', [7, 5, 3], () => ({ axes: [0] })],
  ['rmsNorm', [17, 30], () => ({ partial: 0.4 })],
  ['rmsNorm', [2, 7, 3, 12], rotary(12, 3, true)],
  ['rmsNorm', [2, 7, 3, 12], rotary(12, 6, true)],
  ['layerNorm', [2, 7, 3, 10], rotary(10, 3, true)],
  ['layerNorm', [2, 7, 3, 12], rotary(12, 3, false)],
  ['rmsNorm', [2, 7, 3, 4], rotary(4, 1, true)],
  ...[1, 3, 5, 6, 13].map((channels) => [
    'batchNorm',
    [4, 31, channels],
    running(channels, { layout: 'NLC', training: true, activation: 'relu' }),
  ]),
  ['batchNorm', [4, 7, 31], running(7, { training: true })],
  ['batchNorm', [3, 10, 5], running(5, { layout: 'NLC' })],
  ['batchNorm', [3, 10, 5], masked([3, 10], { layout: 'NLC', training: true }), 'f16'],
  ['batchNorm', [2, 2000, 5], running(5, { layout: 'NLC', training: true })],
  ['instanceNorm', [3, 41, 5], running(5, { layout: 'NLC' })],
  ['instanceNorm', [3, 41, 5], (context: Context) => ({ layout: 'NLC', meanScale: numbers(context, [5]) })],
  ['instanceNorm', [3, 5, 41], affine(5)],
  ['instanceNorm', [23, 5], () => ({ segments: [0, 3, 3, 20, 23] })],
  ['groupNorm', [3, 41, 6], affine(6, { layout: 'NLC', numGroups: 2 })],
  ['groupNorm', [3, 41, 15], affine(15, { layout: 'NLC', numGroups: 3 })],
  ['groupNorm', [3, 6, 41], affine(6, { numGroups: 2 })],
  ['globalResponseNorm', [3, 5, 41], affine(5)],
  ['globalResponseNorm', [3, 41, 5], affine(5, { layout: 'NLC' })],
  ['normalize', [3, 41, 5], () => ({ axes: [1], statistic: 'linf' })],
  ['normalize', [3, 41, 5], () => ({ axes: [2], statistic: 'l1' })],
  ['dynamicTanh', [7, 13], (context: Context) => ({ alpha: numbers(context, [1]) })],
] as unknown as Call[];

describe.each(part(contexts, 2))('%s plans', (_, context) => {
  it.each(part(CALLS, 3))('%s of %j', async (op, shape, make, dtype) => {
    const x = numbers(context, shape, dtype);
    const { y, saved } = norm[`${op}Forward`](x, make(context));
    const gradients = norm[`${op}Backward`](numbers(context, shape, dtype), saved);
    expect(sizeOf(y.shape)).toBe((await gradients.dx.read()).length);
    expect(await faults()).toEqual([]);
  });

  it.each(['layerNormQuantized', 'rmsNormQuantized'] as const)('%s', async (op) => {
    for (const length of [7, 64, 130, 1500]) await norm[op](numbers(context, [5, length])).y.read('i8');
    await norm[op](numbers(context, [5, 96]), { groupSize: 32 }).y.read('i8');
    for (const length of [32, 96, 260]) {
      const scales = numbers(context, [5, Math.ceil(length / 32)]);
      await norm[op](numbers(context, [5, length]), { groupSize: 32, scales }).y.read('i8');
    }
    expect(await faults()).toEqual([]);
  });
});

describe('the watch sees what it is there for', () => {
  /** Runs a program of two workgroups of four, and gives what is in `data` then, of which they have 16 elements. */
  async function run(statement: string): Promise<Float32Array> {
    const code = `@group(0) @binding(0) var<storage, read_write> data: array<f32>;
    @compute @workgroup_size(4) fn main(
      @builtin(workgroup_id) workgroup: vec3u,
      @builtin(num_workgroups) workgroups: vec3u,
      @builtin(local_invocation_index) local: u32,
    ) { let own = 4u * workgroup.x + local; ${statement} }`;
    const layout = device.createBindGroupLayout({
      entries: [{ binding: 0, visibility: 4, buffer: { type: 'storage' } }],
    });
    const pipeline = device.createComputePipeline({
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: device.createShaderModule({ label: 'program', code }), entryPoint: 'main' },
    });
    const buffer = device.createBuffer({ size: 64, usage: Usage.STORAGE | Usage.COPY_SRC });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] }));
    pass.dispatchWorkgroups(2);
    pass.end();
    device.queue.submit([encoder.finish()]);
    using context = await contextOf(PLANS.hardware);
    return context.wrap(buffer, { shape: [16] }).read();
  }

  it.each([
    ['reaches beyond', 'data[own] = data[own + 9u];', ['beyond data']],
    ['writes what another invocation writes', 'data[own / 2u] = 1.0;', ['race in data']],
    ['keeps to what is its own', 'data[own] += data[own + 8u];', []],
  ])('sees a program that %s', async (_, statement, seen) => {
    await run(statement);
    // How many invocations noticed is up to how they run.
    const found = await faults();
    expect(found.map((text) => text.replace(/, \d+ times$/, ''))).toEqual(seen.map((fault) => `program: ${fault}`));
  });

  it('has all run in the opposite order', async () => {
    const data = await run('data[4u * watch_workgroup.x + watch_local] = f32(own);');
    expect([...data.subarray(0, 8)]).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
    await faults();
  });

  const BARRIERS = ['first', 'second', 'third', 'fourth'].map((which) => `the ${which} barrier left out`);
  const HALVES = 'halves of the memory that do not alternate';
  /** Faults of a program's barriers, which no result shows where invocations run one after the other. */
  const PLANTED: Record<string, (code: string) => string> = {
    ...Object.fromEntries(BARRIERS.map((name, place) => [name, withoutBarrier(place)])),
    [HALVES]: (code) => code.replace(/turn\w* = 1u - turn\w*;/, ''),
  };
  const RESULTS: Record<string, (context: Context) => Tensor> = {
    // Rows of a few lanes, several of which share a workgroup, and rows of all that it has.
    row_gradients: (context) => {
      const gradients = [60, 130].map((length) => {
        const { saved } = norm.layerNormForward(numbers(context, [333, length]), affine(length)(context));
        return norm.layerNormBackward(numbers(context, [333, length]), saved).dx;
      });
      return gradients.at(-1)!;
    },
    quantized: (context) => norm.layerNormQuantized(numbers(context, [5, 1500])).scales,
  };

  it.each([
    ['row_gradients', 'workgroup', BARRIERS],
    ['quantized', 'workgroup', [...BARRIERS.slice(0, 3), HALVES]],
    ...(profile.subgroup > 0
      ? [
          ['row_gradients', 'subgroups', [...BARRIERS.slice(0, 3), HALVES]],
          ['quantized', 'subgroups', [...BARRIERS.slice(0, 2), HALVES]],
        ]
      : []),
  ] as [string, string, string[]][])('%s by %s', async (program, reduce, planted) => {
    const found: string[] = [];
    for (const [name, change] of Object.entries(PLANTED)) {
      // Programs are a device's, whatever context compiled them first.
      const { device: other } = await norm.createContext({ gpu: await gpu() });
      const watch = watchAccesses(other, change);
      const subgroup = reduce === 'workgroup' ? 0 : profile.subgroup;
      const context = await contextOf({ ...PLANS.hardware, subgroup, subgroupSize: 0 }, other);
      await RESULTS[program]!(context).read();
      const isFound = (await watch()).some((text) => text.includes(program) && text.includes('race in'));
      if (isFound) found.push(name);
      other.destroy();
    }
    expect(found).toEqual(planted);
  });
});

/** What takes one of a program's barriers away. */
function withoutBarrier(place: number): (code: string) => string {
  return (code) => {
    let passed = 0;
    return code.replaceAll('workgroupBarrier();', (barrier) => (passed++ === place ? '' : barrier));
  };
}
