import { shaders } from '../../src/programs/shaders.ts';
import { sizeOf } from '../cases/case.ts';
import type { Case, Pass } from '../cases/case.ts';
import type { Library } from './library.ts';
import { inTwoDimensions, ownLibrary, subjectOf } from './recorded.ts';

/**
 * No normalization, but what one of halves with SiLU does to them on a software adapter: as many elements are read, converted, taken through
 * SiLU and converted back by our rounding as the algorithm needs; nothing is normalized, and nothing is looked up. What it takes, a
 * normalization takes at least.
 */
export const bare: Library = ownLibrary('bare', async (own, of, pass, data) => {
  const { device, context } = own;
  if (pass === 'step' || !context.profile.software || !isOfHalves(of)) return null;
  const module = device.createShaderModule({ code: SHADER });
  const compile = async (entryPoint: string) =>
    device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
  const [sums, result] = [await compile(ENTRIES[pass].sums), await compile(ENTRIES[pass].result)];
  const loads = sizeOf(of.shape) / 4;
  return subjectOf(own, of, data, ({ x, y, dy }) => {
    const partials = device.createBuffer({ size: (loads / READS) * 16, usage: GPUBufferUsage.STORAGE });
    const stepsOf = (copy: number) =>
      [
        { pipeline: sums, to: { buffer: partials }, invocations: loads / READS },
        { pipeline: result, to: { buffer: y[copy]!.buffer }, invocations: loads },
      ].map(({ pipeline, to, invocations }) => ({
        pipeline,
        workgroups: inTwoDimensions(Math.ceil(invocations / WORKGROUP), device),
        bindGroup: device.createBindGroup({
          layout: pipeline.getBindGroupLayout(0),
          entries: [
            { binding: 0, resource: { buffer: x[copy]!.buffer } },
            ...(pass === 'forward' ? [] : [{ binding: 1, resource: { buffer: dy[copy]!.buffer } }]),
            { binding: pipeline === sums ? 2 : 3, resource: to },
          ],
        }),
      }));
    const steps = x.map((_, copy) => stepsOf(copy));
    return {
      record: (encoder, copy) => {
        for (const { pipeline, bindGroup, workgroups } of steps[copy]!) {
          const computePass = encoder.beginComputePass();
          computePass.setPipeline(pipeline);
          computePass.setBindGroup(0, bindGroup);
          computePass.dispatchWorkgroups(...workgroups);
          computePass.end();
        }
      },
      read: async () => ({}),
      destroy: () => partials.destroy(),
    };
  });
});

function isOfHalves({ dtype, activation, shape }: Case): boolean {
  return dtype === 'f16' && activation === 'silu' && sizeOf(shape) % (4 * READS) === 0;
}

const WORKGROUP = 64;
/** Loads of four that an invocation adds up. */
const READS = 64;

const ENTRIES = {
  forward: { sums: 'moments', result: 'normalize' },
  backward: { sums: 'gradient_sums', result: 'apply_gradient' },
} as const satisfies Partial<Record<Pass, object>>;

/** How halves are read and written, as the library does it where loads are taken one by one. */
const F16 = `const AT_ONCE = 1u;\n${shaders.get('storage/f16')!.replace(/^import .*$/m, '')}`;

const SHADER = /* wgsl */ `
${F16}

@group(0) @binding(0) var<storage, read> x: array<vec2u>;
@group(0) @binding(1) var<storage, read> dy: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> result: array<vec2u>;

fn x_at(i: u32) -> vec4f { return unpacked_f16(x[i]); }

fn logistic(z: vec4f) -> vec4f {
  let small = exp(-abs(z));
  return select(vec4f(1.0), small, z < vec4f(0.0)) / (1.0 + small);
}

fn silu(z: vec4f) -> vec4f { return z * logistic(z); }

fn dz_at(i: u32, z: vec4f) -> vec4f {
  let sigmoid = logistic(z);
  return unpacked_f16(dy[i]) * sigmoid * (1.0 + z * (1.0 - sigmoid));
}

// Both passes of moments: a mean, and what is left beside it.
@compute @workgroup_size(${WORKGROUP})
fn moments(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = id.y * workgroups.x * ${WORKGROUP} + id.x;
  let columns = arrayLength(&partials);
  if (i >= columns) {
    return;
  }
  var sum = vec4f(0.0);
  for (var k = 0u; k < ${READS}; k++) {
    sum += x_at(k * columns + i);
  }
  let mean = sum / ${READS}.0;
  var squares = vec4f(0.0);
  for (var k = 0u; k < ${READS}; k++) {
    let d = x_at(k * columns + i) - mean;
    squares += d * d;
  }
  partials[i] = mean + squares;
}

@compute @workgroup_size(${WORKGROUP})
fn normalize(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = id.y * workgroups.x * ${WORKGROUP} + id.x;
  if (i < arrayLength(&x)) {
    result[i] = packed_f16(silu(x_at(i)));
  }
}

@compute @workgroup_size(${WORKGROUP})
fn gradient_sums(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = id.y * workgroups.x * ${WORKGROUP} + id.x;
  let columns = arrayLength(&partials);
  if (i >= columns) {
    return;
  }
  var sum = vec4f(0.0);
  var with_x = vec4f(0.0);
  for (var k = 0u; k < ${READS}; k++) {
    let z = x_at(k * columns + i);
    let dz = dz_at(k * columns + i, z);
    sum += dz;
    with_x += dz * z;
  }
  partials[i] = sum + with_x;
}

@compute @workgroup_size(${WORKGROUP})
fn apply_gradient(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = id.y * workgroups.x * ${WORKGROUP} + id.x;
  if (i < arrayLength(&x)) {
    let z = x_at(i);
    result[i] = packed_f16(dz_at(i, z) - z);
  }
}`;
