import type { Library } from './library.ts';
import { inTwoDimensions, ownLibrary, subjectOf } from './recorded.ts';

const shaderOf = (workgroup: number): string => /* wgsl */ `
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(${workgroup})
fn copy(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = id.y * workgroups.x * ${workgroup} + id.x;
  if (i < arrayLength(&x)) {
    y[i] = x[i];
  }
}`;

/**
 * One read and one write of every element of x, as it is stored: what every time is held against. Where a case takes or gives
 * more arrays as large as x, it is still this one copy, and `leastCopies` says what such a case has to move at least.
 */
export const copy: Library = ownLibrary('copy', async (own, of, pass, data) => {
  if (pass !== 'forward') return null;
  const { device, context } = own;
  // A GPU copies faster in large workgroups (an H200 in 70 µs what takes 86 in those of 64).
  const workgroup = context.profile.software ? 64 : 256;
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: shaderOf(workgroup) }) },
  });
  return subjectOf(own, of, data, ({ x, y }) => {
    const bindGroups = x.map((from, index) =>
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: [from, y[index]!].map(({ buffer }, binding) => ({ binding, resource: { buffer } })),
      }),
    );
    const workgroups = inTwoDimensions(Math.ceil(x[0]!.byteLength / 16 / workgroup), device);
    return {
      record: (encoder, which) => {
        const computePass = encoder.beginComputePass();
        computePass.setPipeline(pipeline);
        computePass.setBindGroup(0, bindGroups[which]!);
        computePass.dispatchWorkgroups(...workgroups);
        computePass.end();
      },
      read: async () => ({}),
    };
  });
});
