import { afterEach, expect, it, vi } from 'vitest';
import { createContext, layerNorm, layerNormBackward, layerNormForward } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { largestDifference } from './float64.ts';

/** Calls among the dispatches of an app, in one compute pass of its own. */

const context = await createContext({ gpu: await gpu(), specialize: false });
const { device } = context;
const [ROWS, LENGTH] = [6, 40];

const xAt = (index: number): number => Math.fround(((index * 37) % 101) / 10 - 3);

/** A kernel of the app's: writes x, or doubles y. */
function kernel(body: string): GPUComputePipeline {
  const code = `@group(0) @binding(0) var<storage, read_write> values: array<f32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
      let index = id.x;
      if (index < arrayLength(&values)) { ${body} }
    }`;
  return device.createComputePipeline({ layout: 'auto', compute: { module: device.createShaderModule({ code }) } });
}

const fill = kernel('values[index] = f32((index * 37u) % 101u) / 10.0 - 3.0;');
const double = kernel('values[index] *= 2.0;');

function dispatch(pass: GPUComputePassEncoder, pipeline: GPUComputePipeline, buffer: GPUBuffer): void {
  const entries = [{ binding: 0, resource: { buffer } }];
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(Math.ceil((ROWS * LENGTH) / 64));
}

afterEach(() => void vi.restoreAllMocks());

it('what the app writes is normalized, and the app goes on with it: one pass, one submit, nothing by way of the CPU', async () => {
  const [from, to] = [0, 1].map(() =>
    device.createBuffer({ size: 4 * ROWS * LENGTH, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC }),
  );
  const [x, y] = [from!, to!].map((buffer) => context.wrap(buffer, { shape: [ROWS, LENGTH] }));
  const frame = (): void => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    dispatch(pass, fill, from!);
    layerNorm(x!, { out: y!, encoder: pass });
    dispatch(pass, double, to!);
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
  frame();
  const submit = vi.spyOn(device.queue, 'submit');
  const asked = [
    vi.spyOn(GPUBuffer.prototype, 'mapAsync'),
    vi.spyOn(device, 'createBuffer'),
    vi.spyOn(device.queue, 'writeBuffer'),
  ];
  frame();
  expect(submit).toHaveBeenCalledOnce();
  for (const one of asked) expect(one).not.toHaveBeenCalled();
  const data = Float64Array.from({ length: ROWS * LENGTH }, (_, index) => xAt(index));
  const exact = reference.layerNorm({ data, shape: [ROWS, LENGTH] }).y.data;
  expect(
    largestDifference(
      await y!.read(),
      exact.map((value) => 2 * value),
    ),
  ).toBeLessThanOrEqual(1e-5);
});

it('a gradient too, between dispatches of the app', async () => {
  const x = context.tensor(
    Float32Array.from({ length: ROWS * LENGTH }, (_, index) => xAt(index)),
    [ROWS, LENGTH],
  );
  const { saved } = layerNormForward(x);
  const dy = device.createBuffer({ size: 4 * ROWS * LENGTH, usage: GPUBufferUsage.STORAGE });
  const dx = context.empty([ROWS, LENGTH]);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  dispatch(pass, fill, dy);
  layerNormBackward(context.wrap(dy, { shape: [ROWS, LENGTH] }), saved, { out: { dx }, encoder: pass });
  pass.end();
  device.queue.submit([encoder.finish()]);
  // Central differences of Σ dy · y.
  const values = Array.from({ length: LENGTH }, (_, index) => xAt(index));
  const loss = (data: readonly number[]): number =>
    reference.layerNorm({ data, shape: [LENGTH] }).y.data.reduce((sum, value, index) => sum + value * xAt(index), 0);
  const exact = values.map((_, at) => {
    const [above, below] = [1e-4, -1e-4].map((step) =>
      loss(values.map((value, index) => value + (index === at ? step : 0))),
    );
    return (above! - below!) / 2e-4;
  });
  expect(largestDifference((await dx.read()).slice(0, LENGTH), exact)).toBeLessThanOrEqual(1e-5);
});
