import { isWritten } from '../plan/plan.ts';
import type { Binding, Pass, Plan } from '../plan/plan.ts';
import type { CallNumbers } from '../plan/uniforms.ts';
import { programsOf } from '../programs/programs.ts';
import type { Program, Programs } from '../programs/programs.ts';
import { Cache } from './cache.ts';
import { storageOf } from './storage.ts';
import type { Storage } from './storage.ts';
import { UNIFORM_SLOT, UniformArena } from './uniform-arena.ts';
import type { UniformSlot } from './uniform-arena.ts';
import { Usage } from './usage.ts';

/** A shape that came back so often is worth a program of its own. */
const RUNS_BEFORE_SPECIALIZED = 16;

/** A part of a buffer, in bytes. */
export interface BufferRange {
  storage: Storage;
  offset: number;
  size: number;
}

export type Resources = Readonly<Record<string, BufferRange>>;

/** A pass that was compiled, with all it needs but the buffers. */
interface Ready {
  /** Names it in cache keys. */
  id: number;
  pass: Pass;
  program: Program;
  /** Its own, once it was compiled for its shape; till then that of its kind. */
  pipeline: GPUComputePipeline;
  runs: number;
  /** The uniform for the numbers of the last call. */
  uniform: UniformSlot | null;
  numbers: CallNumbers | null;
}

/** Runs plans: one dispatch a pass. What it makes on the way it keeps. */
export class Executor {
  readonly #device: GPUDevice;
  readonly #programs: Programs;
  readonly #ready = new WeakMap<Pass, Ready>();
  readonly #shared = new WeakMap<Pass, Map<string, Pass>>();
  readonly #bindGroups = new Cache<GPUBindGroup>(1024);
  readonly #uniforms: UniformArena;
  readonly #scratch = new Map<string, Storage>();
  #lastId = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#programs = programsOf(device);
    this.#uniforms = new UniformArena(device);
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
  scratch(plan: Plan): Record<string, BufferRange> {
    const ranges: Record<string, BufferRange> = {};
    for (const [name, size] of Object.entries(plan.scratch)) {
      if (size > 0) ranges[name] = { storage: this.#scratchOf(name, size), offset: 0, size };
    }
    return ranges;
  }

  /** Records a plan into an open pass. Every resource its bindings name must be there; `borrowed`: the pass is the caller's. */
  record(
    computePass: GPUComputePassEncoder,
    plan: Plan,
    resources: Resources,
    numbers: CallNumbers,
    borrowed: boolean,
  ): void {
    this.#uniforms.reserve(plan.passes.length, borrowed);
    for (const planned of plan.passes) {
      const pass = this.#withSharedBuffers(planned, resources);
      const ready = this.#makeReady(pass);
      computePass.setPipeline(ready.pipeline);
      const uniform = this.#uniformOf(ready, numbers);
      computePass.setBindGroup(0, this.#bindGroupOf(ready, uniform, resources), uniform.offset, 0, 1);
      computePass.dispatchWorkgroups(...pass.workgroups);
    }
  }

  destroy(): void {
    for (const { buffer } of this.#scratch.values()) buffer.destroy();
    this.#scratch.clear();
    this.#uniforms.destroy();
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
      !isWritten(read) && pass.bindings.some((binding) => isWritten(binding) && idOf(binding) === idOf(read));
    if (!pass.bindings.some(isShared)) return pass;
    const names: string[] = pass.bindings.filter(isShared).map((binding) => binding.name);
    let variants = this.#shared.get(pass);
    if (!variants) this.#shared.set(pass, (variants = new Map()));
    const key = names.join();
    let variant = variants.get(key);
    if (!variant) {
      const bindings = pass.bindings.map((binding): Binding =>
        names.includes(binding.name) ? { ...binding, access: 'update' } : binding,
      );
      variants.set(key, (variant = { ...pass, bindings }));
    }
    return variant;
  }

  #makeReady(pass: Pass): Ready {
    let ready = this.#ready.get(pass);
    if (!ready) {
      const program = this.#programs.get(pass);
      ready = { id: ++this.#lastId, pass, program, pipeline: program.pipeline, runs: 0, uniform: null, numbers: null };
      this.#ready.set(pass, ready);
    }
    if (++ready.runs === RUNS_BEFORE_SPECIALIZED) void this.#specialize(ready);
    return ready;
  }

  /** Lets a program take over that knows the shape. What fails leaves the one of its kind. */
  async #specialize(ready: Ready): Promise<void> {
    ready.pipeline = await this.#programs.specialize(ready.pass, ready.program).catch(() => ready.pipeline);
  }

  #uniformOf(ready: Ready, numbers: CallNumbers): UniformSlot {
    const { uniform, numbers: last } = ready;
    if (uniform && last && uniform.generation === this.#uniforms.generation && isSame(last, numbers)) return uniform;
    ready.numbers = numbers;
    return (ready.uniform = this.#uniforms.slotOf(ready.pass, numbers));
  }

  #bindGroupOf({ id, pass, program }: Ready, { buffer, bufferId }: UniformSlot, resources: Resources): GPUBindGroup {
    let key = `${id},${bufferId}`;
    for (const { resource } of pass.bindings) {
      const range = resources[resource]!;
      key += `,${range.storage.id},${range.offset},${range.size}`;
    }
    return this.#bindGroups.get(key, () =>
      this.#device.createBindGroup({
        label: `webgpu-norm ${pass.kernel}`,
        layout: program.layout,
        entries: [
          { binding: 0, resource: { buffer, size: UNIFORM_SLOT } },
          ...pass.bindings.map(({ resource, byteOffset = 0 }, index) => {
            const range = resources[resource]!;
            return {
              binding: index + 1,
              resource: {
                buffer: range.storage.buffer,
                offset: range.offset + byteOffset,
                size: range.size - byteOffset,
              },
            };
          }),
        ],
      }),
    );
  }
}

function isSame(a: CallNumbers, b: CallNumbers): boolean {
  return a.eps === b.eps && a.momentum === b.momentum && a.activation_parameter === b.activation_parameter;
}
