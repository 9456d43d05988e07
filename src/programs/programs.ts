import { isWritten } from '../plan/plan.ts';
import type { Pass } from '../plan/plan.ts';
import { programKey, sourceOf, specializedSourceOf } from './source.ts';

/** A compiled pass. */
export interface Program {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  /** The number, among all uses, of its last. */
  lastUse: number;
  /** Whether it fell out of those kept: who still has it lets go, and asks again. */
  dropped: boolean;
  /** Whether the device is known to have compiled it: one that it could not compile fails all that it runs. */
  sure: boolean;
}

const programs = new WeakMap<GPUDevice, Programs>();

/** The programs of a device, at most so many, shared by all that run on it. */
export function programsOf(device: GPUDevice, most: number): Programs {
  let found = programs.get(device);
  if (!found) programs.set(device, (found = new Programs(device, most)));
  return found;
}

/** The pipelines of a device: one for each kind of call, compiled when first asked for, and some for one shape alone. Those used last are kept. */
export class Programs {
  readonly #device: GPUDevice;
  readonly #most: number;
  #uses = 0;
  readonly #programs = new Map<string, Program>();
  readonly #pending = new Map<string, Promise<void>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(device: GPUDevice, most: number) {
    this.#device = device;
    this.#most = most;
  }

  /** How many are kept. */
  get size(): number {
    return this.#programs.size;
  }

  /** Notes that a program is used. */
  use(program: Program): void {
    program.lastUse = ++this.#uses;
  }

  /** The program of a pass, if it was compiled before. */
  find(pass: Pass): Program | undefined {
    return this.#programs.get(programKey(pass));
  }

  /** Compiles at once, unless it was compiled before. */
  get(pass: Pass): Program {
    const key = programKey(pass);
    let program = this.#programs.get(key);
    if (!program) {
      const layout = this.#layoutOf(pass);
      const descriptor = this.#describe(pass, layout, sourceOf(pass));
      program = this.#keep(key, layout, this.#device.createComputePipeline(descriptor), false);
    }
    return program;
  }

  /** Compiles ahead, off the main thread; returns the label of what was not there. */
  async prepare(pass: Pass): Promise<string[]> {
    const key = programKey(pass);
    if (this.#programs.has(key)) return [];
    let pending = this.#pending.get(key);
    if (!pending) {
      const layout = this.#layoutOf(pass);
      const descriptor = this.#describe(pass, layout, sourceOf(pass));
      pending = this.#device
        .createComputePipelineAsync(descriptor)
        .then((pipeline) => void this.#keep(key, layout, pipeline, true))
        .finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    await pending;
    return [labelOf(pass)];
  }

  /**
   * Compiles a pass for its shape alone, off the main thread, one after the other: a pipeline that stands in for that of its kind, and gives
   * the same results.
   */
  async specialize(pass: Pass, { layout }: Program): Promise<GPUComputePipeline> {
    const compiled = this.#last.then(async () => {
      const descriptor = this.#describe(pass, layout, specializedSourceOf(pass));
      return this.#device.createComputePipelineAsync(descriptor);
    });
    this.#last = compiled.catch(() => undefined);
    return compiled;
  }

  #layoutOf(pass: Pass): GPUBindGroupLayout {
    return this.#device.createBindGroupLayout({ label: labelOf(pass), entries: layoutEntries(pass) });
  }

  #keep(key: string, layout: GPUBindGroupLayout, pipeline: GPUComputePipeline, sure: boolean): Program {
    if (this.#programs.size >= this.#most) this.#dropOldest();
    const program = { layout, pipeline, lastUse: ++this.#uses, dropped: false, sure };
    this.#programs.set(key, program);
    return program;
  }

  #dropOldest(): void {
    let [oldest, leastUse] = ['', Infinity];
    for (const [key, { lastUse }] of this.#programs) if (lastUse < leastUse) [oldest, leastUse] = [key, lastUse];
    this.#programs.get(oldest)!.dropped = true;
    this.#programs.delete(oldest);
  }

  #describe(pass: Pass, layout: GPUBindGroupLayout, code: string): GPUComputePipelineDescriptor {
    const label = labelOf(pass);
    return {
      label,
      layout: this.#device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module: this.#device.createShaderModule({ label, code }), entryPoint: 'main' },
    };
  }
}

function labelOf({ kernel, choose }: Pass): string {
  return `webgpu-norm ${kernel} ${Object.values(choose).join(' ')}`;
}

function layoutEntries(pass: Pass): GPUBindGroupLayoutEntry[] {
  const visibility = COMPUTE_STAGE;
  return [
    { binding: 0, visibility, buffer: { type: 'uniform' } },
    ...pass.bindings.map((binding, index): GPUBindGroupLayoutEntry => ({
      binding: index + 1,
      visibility,
      buffer: { type: isWritten(binding) ? 'storage' : 'read-only-storage' },
    })),
  ];
}

/** `GPUShaderStage.COMPUTE`, which a runtime without WebGPU globals (Node with Dawn) does not define. */
const COMPUTE_STAGE = 4;
