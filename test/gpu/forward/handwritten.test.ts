import { describe, expect, it } from 'vitest';
import { rowProgram } from '../../../bench/isa/handwritten/rows.ts';
import type { Rows } from '../../../bench/isa/handwritten/rows.ts';
import type { Numerics } from '../../../bench/isa/handwritten/statistics.ts';
import { createContext } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { decode, encode } from '../support/formats.ts';
import { Random } from '../support/random.ts';

/** The kernels that ours are held against must be right themselves; written for 32 or 64 lanes, they are made here for as many as there are. */

const { device, adapterInfo } = await createContext({ gpu: await gpu() });
const { subgroupMinSize: least, subgroupMaxSize: most } = adapterInfo;
const wave = device.features.has('subgroups') && least === most ? least : 0;
const ROWS = 64;
const EPS = 1e-5;

function buffer(data: ArrayBuffer, usage: GPUBufferUsageFlags): GPUBuffer {
  const made = device.createBuffer({ size: data.byteLength, usage: usage | GPUBufferUsage.COPY_DST });
  device.queue.writeBuffer(made, 0, data);
  return made;
}

async function read(from: GPUBuffer): Promise<ArrayBuffer> {
  const staging = device.createBuffer({ size: from.size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(from, 0, staging, 0, from.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  return staging.getMappedRange().slice(0);
}

/** The largest difference from the float64 reference, of y, and of the sum where there is a residual. */
async function errorOf(rows: Rows, numerics: Numerics, mean: number, deviation: number): Promise<number> {
  const { statistic, length, dtype, residual } = rows;
  const program = rowProgram(rows, numerics, wave)!;
  const random = new Random(length);
  const stored = (numbers: Float32Array<ArrayBuffer>): ArrayBuffer =>
    dtype === 'f32' ? numbers.buffer : encode(dtype, numbers).buffer;
  const numbersOf = (bytes: ArrayBuffer): ArrayLike<number> =>
    dtype === 'f32' ? new Float32Array(bytes) : decode(dtype, new Uint16Array(bytes));
  const normal = (size: number): Float32Array<ArrayBuffer> => random.normals(size);
  const large = [random.normals(ROWS * length, mean, deviation), normal(ROWS * length)].map(stored);
  const [weight, bias] = [normal(length), normal(length)];
  const call = new ArrayBuffer(8);
  new Float32Array(call)[0] = EPS;

  const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const result = (): GPUBuffer => device.createBuffer({ size: large[0]!.byteLength, usage: storage });
  const [y, sum] = [result(), result()];
  const biased = statistic === 'mean-variance';
  const buffers = [
    buffer(call, GPUBufferUsage.UNIFORM),
    buffer(large[0]!, storage),
    y,
    buffer(weight!.buffer, storage),
    ...(biased ? [buffer(bias!.buffer, storage)] : []),
    ...(residual ? [buffer(large[1]!, storage), sum] : []),
  ];
  const layout = device.createBindGroupLayout({
    entries: program.bindings.map((each, binding) => ({ binding, visibility: 4, buffer: each })),
  });
  const pipeline = await device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ code: program.code }) },
  });
  const entries = buffers.map((each, binding) => ({ binding, resource: { buffer: each } }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
  const invocations = (ROWS * length) / program.elements;
  pass.dispatchWorkgroups(invocations / Math.min(256, wave * wave));
  pass.end();
  device.queue.submit([encoder.finish()]);

  const [x, other] = large.map((bytes) => Float64Array.from(numbersOf(bytes)));
  const summed = residual ? x!.map((value, index) => value + other![index]!) : x!;
  const input = { data: summed, shape: [ROWS, length] };
  const parameters = { weight: { data: weight!, shape: [length] }, eps: EPS };
  const { y: expected } = biased
    ? reference.layerNorm(input, { ...parameters, bias: { data: bias!, shape: [length] } })
    : reference.rmsNorm(input, parameters);
  const largest = (found: ArrayLike<number>, exact: ArrayLike<number>): number =>
    Array.from(found, (value, index) => Math.abs(value - exact[index]!) / (1 + Math.abs(exact[index]!))).reduce(
      (most, error) => (error <= most ? most : error),
      0,
    );
  const off = largest(numbersOf(await read(y)), expected.data);
  return residual ? Math.max(off, largest(numbersOf(await read(sum)), summed)) : off;
}

const DTYPES = ['f32', 'f16', 'bf16'] as const;
const UNIT = { f32: 2 ** -23, f16: 2 ** -10, bf16: 2 ** -7 };

describe.skipIf(wave === 0)('kernels by hand', () => {
  const lengths = [wave * 2, wave * 4, wave * 24, wave * wave * 16];
  for (const statistic of ['mean-variance', 'rms'] as const) {
    for (const numerics of ['textbook', 'robust'] as const) {
      it.each(DTYPES)(`are right: ${statistic}, ${numerics}, %s`, async (dtype) => {
        for (const length of lengths) {
          for (const residual of [false, true]) {
            const error = await errorOf({ statistic, length, dtype, residual }, numerics, 1, 2);
            expect(error, `length ${length}`).toBeLessThan((dtype === 'f32' ? 16 : 1) * UNIT[dtype]);
          }
        }
      });
    }
  }

  it('are robust where that is promised, and only there', async () => {
    const rows = { statistic: 'mean-variance', length: wave * 24, dtype: 'f32', residual: false } as const;
    expect(await errorOf(rows, 'robust', 0, 1e25)).toBeLessThan(16 * UNIT.f32);
    expect(await errorOf(rows, 'textbook', 0, 1e25)).not.toBeLessThan(0.5);
    expect(await errorOf({ ...rows, statistic: 'rms' }, 'robust', 0, 1e25)).toBeLessThan(16 * UNIT.f32);
  });
});
