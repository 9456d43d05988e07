import { channelsOf, EPS, normalizedShape, sizeOf } from '../cases/case.ts';
import type { Case } from '../cases/case.ts';
import type { Library } from './library.ts';
import { inTwoDimensions, ownLibrary, subjectOf } from './recorded.ts';

/** What a tutorial shows: a workgroup of 256 for each group, a tree in shared memory, and three readings of the group. */
export const textbook: Library = ownLibrary('textbook', async (own, of, pass, data) => {
  // Tutorials fuse nothing, and store f32.
  const fused = of.residual || of.modulated || of.activation || of.rotary || of.multiplied || of.added;
  const places = fused || of.dtype === 'f16' ? null : placesOf(of);
  if (pass !== 'forward' || !places) return null;
  const { device } = own;
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: shaderOf(of, places) }) },
  });
  return subjectOf(own, of, data, ({ x, y, parameters }) => {
    const { weight, bias } = parameters;
    const bindGroups = x.map((from, copy) =>
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: [from, y[copy]!, weight!, ...(bias ? [bias] : [])].map(({ buffer }, binding) => ({
          binding,
          resource: { buffer },
        })),
      }),
    );
    const workgroups = inTwoDimensions(places.groups, device);
    return {
      record: (encoder, copy) => {
        const computePass = encoder.beginComputePass();
        computePass.setPipeline(pipeline);
        computePass.setBindGroup(0, bindGroups[copy]!);
        computePass.dispatchWorkgroups(...workgroups);
        computePass.end();
      },
      read: async () => ({ y: await y[0]!.read() }),
    };
  });
});

/** Where the elements and parameters of a group are, as WGSL expressions of the group g and the element i. */
interface Places {
  groups: number;
  length: number;
  element: string;
  parameter: string;
}

function placesOf(of: Case): Places | null {
  const { norm, shape, layout, groups = 1 } = of;
  const size = sizeOf(shape);
  if (layout === 'rows') {
    const length = sizeOf(normalizedShape(of));
    return { groups: size / length, length, element: `g * ${length} + i`, parameter: 'i' };
  }
  const [n, c] = [shape[0]!, channelsOf(of)];
  const p = size / n / c;
  const last = layout === 'NHWC';
  switch (norm) {
    case 'batchNorm':
      return {
        groups: c,
        length: n * p,
        element: last ? `i * ${c} + g` : `i / ${p} * ${c * p} + g * ${p} + i % ${p}`,
        parameter: 'g',
      };
    case 'instanceNorm':
      return {
        groups: n * c,
        length: p,
        element: last ? `g / ${c} * ${p * c} + i * ${c} + g % ${c}` : `g * ${p} + i`,
        parameter: `g % ${c}`,
      };
    case 'groupNorm': {
      const each = c / groups;
      const first = `g % ${groups} * ${each}`;
      return {
        groups: n * groups,
        length: p * each,
        element: last
          ? `g / ${groups} * ${p * c} + i / ${each} * ${c} + ${first} + i % ${each}`
          : `g * ${p * each} + i`,
        parameter: `${first} + ${last ? `i % ${each}` : `i / ${p}`}`,
      };
    }
    default:
      return null;
  }
}

function shaderOf({ norm }: Case, { groups, length, element, parameter }: Places): string {
  const centred = norm !== 'rmsNorm';
  return /* wgsl */ `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
${centred ? '@group(0) @binding(3) var<storage, read> bias: array<f32>;' : ''}

var<workgroup> shared_sums: array<f32, 256>;

fn sum(own: f32, local: u32) -> f32 {
  shared_sums[local] = own;
  workgroupBarrier();
  for (var step = 128u; step > 0; step /= 2) {
    if (local < step) {
      shared_sums[local] += shared_sums[local + step];
    }
    workgroupBarrier();
  }
  let total = shared_sums[0];
  workgroupBarrier();
  return total;
}

@compute @workgroup_size(256)
fn normalize(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let g = id.y * workgroups.x + id.x;
  if (g >= ${groups}) {
    return;
  }
  var mean = 0.0;
  ${
    centred
      ? `var own = 0.0;
  for (var i = local; i < ${length}; i += 256) {
    own += x[${element}];
  }
  mean = sum(own, local) / ${length}.0;`
      : ''
  }
  var squares = 0.0;
  for (var i = local; i < ${length}; i += 256) {
    let d = x[${element}] - mean;
    squares += d * d;
  }
  let rstd = inverseSqrt(sum(squares, local) / ${length}.0 + ${EPS});
  for (var i = local; i < ${length}; i += 256) {
    let at = ${element};
    y[at] = (x[at] - mean) * rstd * weight[${parameter}]${centred ? ` + bias[${parameter}]` : ''};
  }
}`;
}
