import type { Binding, Pass, Plan } from '../plan/plan.ts';
import { callBytes } from '../programs/declare.ts';
import { programsOf } from '../programs/programs.ts';
import type { Program, Programs } from '../programs/programs.ts';
import { Cache } from './cache.ts';
import { storageOf } from './storage.ts';
import type { Storage } from './storage.ts';
import { Usage } from './usage.ts';

/** A part of a buffer, in bytes. */
export interface Range {
  storage: Storage;
  offset: number;
  size: number;
}

export type Resources = Readonly<Record<string, Range>>;

/** A pass that was compiled, with all it needs but the buffers. */
interface Ready {
  /** Names it in cache keys. */
  id: number;
  pass: Pass;
  program: Program;
  uniform: GPUBuffer;
}

/** Runs plans: one compute pass a plan, one dispatch a pass of it. What it makes on the way it keeps. */
export class Executor {
  readonly #device: GPUDevice;
  readonly #programs: Programs;
  readonly #ready = new WeakMap<Pass, Ready>();
  readonly #shared = new WeakMap<Pass, Map<string, Pass>>();
  readonly #bindGroups = new Cache<GPUBindGroup>(1024);
  readonly #uniforms = new Cache<GPUBuffer>(1024);
  readonly #scratch = new Map<string, Storage>();
  #lastId = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#programs = programsOf(device);
  }

  /** Compiles what a plan needs, off the main thread. */
  async prepare(plan: Plan): Promise<void> {
    await Promise.all(plan.passes.map(async (pass) => this.#programs.prepare(pass)));
  }

  /** Whether running the plan would compile nothing. */
  isWarm(plan: Plan): boolean {
    return plan.passes.every((pass) => this.#ready.has(pass));
  }

  /** The scratch buffers of a plan; they are shared by all plans, since the commands of a queue run in order. */
  scratch(plan: Plan): Record<string, Range> {
    const ranges: Record<string, Range> = {};
    for (const [name, size] of Object.entries(plan.scratch)) {
      if (size > 0) ranges[name] = { storage: this.#scratchOf(name, size), offset: 0, size };
    }
    return ranges;
  }

  /** Records a plan. Every resource its bindings name must be there. */
  record(encoder: GPUCommandEncoder, plan: Plan, resources: Resources): void {
    const computePass = encoder.beginComputePass({ label: plan.label });
    for (const planned of plan.passes) {
      const pass = this.#withSharedBuffers(planned, resources);
      const ready = this.#makeReady(pass);
      computePass.setPipeline(ready.program.pipeline);
      computePass.setBindGroup(0, this.#bindGroupOf(ready, resources));
      computePass.dispatchWorkgroups(...pass.workgroups);
    }
    computePass.end();
  }

  destroy(): void {
    for (const { buffer } of this.#scratch.values()) buffer.destroy();
    this.#scratch.clear();
  }

  #scratchOf(name: string, size: number): Storage {
    const old = this.#scratch.get(name);
    if (old && old.buffer.size >= size) return old;
    // The smaller one is not destroyed: an encoder that is yet to be submitted may mention it.
    const grown = 2 ** Math.ceil(Math.log2(size));
    const most = this.#device.limits.maxBufferSize;
    const usage = Usage.STORAGE | Usage.COPY_DST;
    const buffer = this.#device.createBuffer({ label: `webgpu-norm ${name}`, size: Math.min(grown, most), usage });
    const storage = storageOf(buffer, true);
    this.#scratch.set(name, storage);
    return storage;
  }

  /**
   * WebGPU refuses a buffer that one dispatch reads through one binding and writes through another, even in separate
   * ranges. Where the app keeps x and y in one buffer, x is bound for writing too.
   */
  #withSharedBuffers(pass: Pass, resources: Resources): Pass {
    const idOf = ({ resource }: Binding): number => resources[resource]!.storage.id;
    const isShared = (read: Binding): boolean =>
      !read.writes && pass.bindings.some((binding) => binding.writes && idOf(binding) === idOf(read));
    if (!pass.bindings.some(isShared)) return pass;
    const names = pass.bindings.filter(isShared).map((binding) => binding.name);
    let variants = this.#shared.get(pass);
    if (!variants) this.#shared.set(pass, (variants = new Map()));
    const key = names.join();
    let variant = variants.get(key);
    if (!variant) {
      const bindings = pass.bindings.map((binding) => ({
        ...binding,
        writes: binding.writes || names.includes(binding.name),
      }));
      variants.set(key, (variant = { ...pass, bindings }));
    }
    return variant;
  }

  #makeReady(pass: Pass): Ready {
    let ready = this.#ready.get(pass);
    if (!ready) {
      const bytes = callBytes(pass);
      const uniform = this.#uniforms.get(new Uint32Array(bytes).join(), () => this.#uniformOf(bytes));
      ready = { id: ++this.#lastId, pass, program: this.#programs.get(pass), uniform };
      this.#ready.set(pass, ready);
    }
    return ready;
  }

  #uniformOf(bytes: ArrayBuffer): GPUBuffer {
    const size = bytes.byteLength;
    const buffer = this.#device.createBuffer({
      label: 'webgpu-norm call',
      size,
      usage: Usage.UNIFORM,
      mappedAtCreation: true,
    });
    new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(bytes));
    buffer.unmap();
    return buffer;
  }

  #bindGroupOf({ id, pass, program, uniform }: Ready, resources: Resources): GPUBindGroup {
    let key = `${id}`;
    for (const { resource } of pass.bindings) {
      const range = resources[resource]!;
      key += `,${range.storage.id},${range.offset},${range.size}`;
    }
    return this.#bindGroups.get(key, () =>
      this.#device.createBindGroup({
        label: `webgpu-norm ${pass.kernel}`,
        layout: program.layout,
        entries: [
          { binding: 0, resource: { buffer: uniform } },
          ...pass.bindings.map(({ resource, offset = 0 }, index) => {
            const range = resources[resource]!;
            return {
              binding: index + 1,
              resource: { buffer: range.storage.buffer, offset: range.offset + offset, size: range.size - offset },
            };
          }),
        ],
      }),
    );
  }
}
