import { hasSizes, MOST_NEIGHBOURS } from '../plan/profile.ts';
import type { Profile } from '../plan/profile.ts';
import { withSubgroupSize } from '../programs/source.ts';
import { shaders } from '../programs/shaders.ts';
import { tryHeld } from './trial.ts';
import { MAP_MODE_READ, Usage } from './usage.ts';

/** Facts that only trying tells of an adapter: a few milliseconds on a GPU, a tenth of a second on a nameless CPU, once for each adapter of a page. */
export type Calibration = Partial<Pick<Profile, 'software' | 'subgroup' | 'subgroupSize' | 'held'>>;

/** The part of a profile where subgroups cannot be relied on. */
export const NO_SUBGROUPS = { subgroup: 0, subgroupSize: 0 };

const known = new Map<string, Promise<Calibration>>();

/**
 * 33 barriers of 256 invocations take a CPU 0.1 to 0.5 ms, a GPU microseconds: so many such workgroups are told from one even where a CPU has many
 * cores, or the first are held up by other work.
 */
const WORKGROUPS = 256;
const SOFTWARE_MILLISECONDS = 2;
/** The least of so many times counts, as far as there is time. */
const [TIMES, MOST_MILLISECONDS] = [3, 60];

/**
 * Fills in what the names and features of an adapter leave open: whether a nameless adapter is a CPU, whether subgroups
 * are made of neighbouring invocations as the kernels need them, and of a GPU of no known vendor how many loads fit registers. What fails is
 * left as it was.
 */
export async function calibrate(device: GPUDevice, info: GPUAdapterInfo, profile: Profile): Promise<Calibration> {
  const name = [
    info.vendor,
    info.architecture,
    info.device,
    info.description,
    profile.software,
    profile.maxWorkgroup,
    profile.subgroup,
    profile.subgroupSize,
  ].join(' ');
  const begun = known.get(name);
  const found = begun ?? probe(device, info, profile);
  known.set(name, found);
  return found.catch(async () => {
    // The device that was tried may have been lost; another one is tried anew.
    if (known.get(name) === found) known.delete(name);
    return begun ? calibrate(device, info, profile) : NO_SUBGROUPS;
  });
}

async function probe(device: GPUDevice, info: GPUAdapterInfo, profile: Profile): Promise<Calibration> {
  const nameless = !info.vendor && !info.architecture && !info.description && !profile.software;
  const subgroups = await subgroupsOf(device, profile);
  const software = nameless && profile.maxWorkgroup >= 256 ? await areBarriersDear(device) : profile.software;
  const found = { ...subgroups, software };
  if (software || hasSizes(info.vendor)) return found;
  const held = await tryHeld(device, { ...profile, ...found }).catch(() => profile.held);
  return { ...found, held };
}

/** The size that is to be asked for, where the device takes it and has as many neighbours then; or what there is unasked. */
async function subgroupsOf(device: GPUDevice, { subgroup, subgroupSize }: Profile): Promise<typeof NO_SUBGROUPS> {
  const asked = Math.min(subgroupSize, MOST_NEIGHBOURS);
  if (subgroupSize > 0 && (await hasNeighbours(device, asked, subgroupSize).catch(() => false))) {
    return { subgroup: asked, subgroupSize };
  }
  return { subgroup: await neighboursOf(device, subgroup), subgroupSize: 0 };
}

/** Neighbours of a subgroup, as many as are told or half of that, and so on; 0 where there are none to rely on. */
async function neighboursOf(device: GPUDevice, told: number): Promise<number> {
  for (let size = told; size > 1; size /= 2) {
    if (await hasNeighbours(device, size)) return size;
  }
  return 0;
}

async function hasNeighbours(device: GPUDevice, size: number, subgroupSize = 0): Promise<boolean> {
  const misplaced = await openProbe(device, 'subgroup_lanes', { SIZE: size }, subgroupSize);
  return (await misplaced(4)) === 0;
}

async function areBarriersDear(device: GPUDevice): Promise<boolean> {
  const run = await openProbe(device, 'barriers');
  await run(1);
  const start = performance.now();
  const [few, many]: [number[], number[]] = [[], []];
  for (let time = 0; time < TIMES && performance.now() - start < MOST_MILLISECONDS; time++) {
    few.push(await durationOf(async () => run(1)));
    many.push(await durationOf(async () => run(WORKGROUPS)));
  }
  return Math.min(...many) - Math.min(...few) > SOFTWARE_MILLISECONDS;
}

async function durationOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Compiles one of shaders/probe_….wgsl: a function that runs it and returns the first number it leaves. */
async function openProbe(
  device: GPUDevice,
  name: string,
  constants: Record<string, number> = {},
  subgroupSize = 0,
): Promise<(workgroups: number) => Promise<number>> {
  const label = `webgpu-norm probe ${name}`;
  const module = device.createShaderModule({
    label,
    code: withSubgroupSize(shaders.get(`probe_${name}`)!, subgroupSize),
  });
  const compute = { module, entryPoint: 'main', constants };
  const pipeline = await device.createComputePipelineAsync({ label, layout: 'auto', compute });
  return async (workgroups) => {
    const results = device.createBuffer({ label, size: 64, usage: Usage.STORAGE | Usage.COPY_SRC });
    const staging = device.createBuffer({ label, size: 64, usage: Usage.COPY_DST | Usage.MAP_READ });
    try {
      const layout = pipeline.getBindGroupLayout(0);
      const encoder = device.createCommandEncoder({ label });
      const pass = encoder.beginComputePass({ label });
      pass.setPipeline(pipeline);
      const entries = [{ binding: 0, resource: { buffer: results } }];
      pass.setBindGroup(0, device.createBindGroup({ label, layout, entries }));
      pass.dispatchWorkgroups(workgroups);
      pass.end();
      encoder.copyBufferToBuffer(results, 0, staging, 0, 64);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(MAP_MODE_READ);
      return new Uint32Array(staging.getMappedRange())[0]!;
    } finally {
      results.destroy();
      staging.destroy();
    }
  };
}
