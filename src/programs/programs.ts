import { isWritten } from '../plan/plan.ts';
import type { Pass } from '../plan/plan.ts';
import { declarePass } from './declare.ts';
import { link } from './link.ts';
import { shaders } from './shaders.ts';

/** A compiled pass. */
export interface Program {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  /** Which of all uses was its last. */
  lastUse: number;
  /** Whether it fell out of those kept: who still has it lets go, and asks again. */
  dropped: boolean;
}

const programs = new WeakMap<GPUDevice, Programs>();

/** The programs of a device, at most so many, shared by all that run on it. */
export function programsOf(device: GPUDevice, most: number): Programs {
  let found = programs.get(device);
  if (!found) programs.set(device, (found = new Programs(device, most)));
  return found;
}

/** The pipelines of a device: one for each distinct text, compiled when first asked for. Those used last are kept. */
export class Programs {
  readonly #device: GPUDevice;
  readonly #most: number;
  #uses = 0;
  readonly #programs = new Map<string, Program>();
  readonly #pending = new Map<string, Promise<void>>();

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

  /** Compiles at once, unless it was compiled before. */
  get(pass: Pass): Program {
    const key = programKey(pass);
    let program = this.#programs.get(key);
    if (!program) {
      const { layout, descriptor } = this.#describe(pass);
      program = this.#keep(key, layout, this.#device.createComputePipeline(descriptor));
    }
    return program;
  }

  /** Compiles ahead, off the main thread. */
  async prepare(pass: Pass): Promise<void> {
    const key = programKey(pass);
    if (this.#programs.has(key)) return;
    let pending = this.#pending.get(key);
    if (!pending) {
      const { layout, descriptor } = this.#describe(pass);
      pending = this.#device
        .createComputePipelineAsync(descriptor)
        .then((pipeline) => void this.#keep(key, layout, pipeline))
        .finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    await pending;
  }

  #keep(key: string, layout: GPUBindGroupLayout, pipeline: GPUComputePipeline): Program {
    if (this.#programs.size >= this.#most) this.#dropOldest();
    const program = { layout, pipeline, lastUse: ++this.#uses, dropped: false };
    this.#programs.set(key, program);
    return program;
  }

  #dropOldest(): void {
    let [oldest, leastUse] = ['', Infinity];
    for (const [key, { lastUse }] of this.#programs) if (lastUse < leastUse) [oldest, leastUse] = [key, lastUse];
    this.#programs.get(oldest)!.dropped = true;
    this.#programs.delete(oldest);
  }

  #describe(pass: Pass): { layout: GPUBindGroupLayout; descriptor: GPUComputePipelineDescriptor } {
    const label = `webgpu-norm ${pass.kernel} ${Object.values(pass.choose).join(' ')}`;
    const layout = this.#device.createBindGroupLayout({ label, entries: layoutEntries(pass) });
    const module = this.#device.createShaderModule({ label, code: sourceOf(pass) });
    return {
      layout,
      descriptor: {
        label,
        layout: this.#device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      },
    };
  }
}

/** The whole WGSL text of a pass. */
export function sourceOf(pass: Pass): string {
  return link(shaders, 'main', choicesOf(pass), (names) => declarePass(pass, names));
}

/** Which file of each folder of shaders serves; kernels are a folder like the others. */
export function choicesOf({ kernel, choose }: Pass): Record<string, string> {
  return { kernels: kernel, ...choose };
}

function programKey({ kernel, choose, constants, maps, rounding, bindings, same }: Pass): string {
  const arrays = bindings.map(({ name, type, dtype, native, elementOffset, access }) => [
    name,
    type,
    dtype,
    native,
    elementOffset,
    access,
  ]);
  return JSON.stringify([kernel, choose, constants, maps, rounding, same, arrays]);
}

function layoutEntries(pass: Pass): GPUBindGroupLayoutEntry[] {
  const visibility = COMPUTE_STAGE;
  return [
    { binding: 0, visibility, buffer: { type: 'uniform', hasDynamicOffset: true } },
    ...pass.bindings.map((binding, index): GPUBindGroupLayoutEntry => ({
      binding: index + 1,
      visibility,
      buffer: { type: isWritten(binding) ? 'storage' : 'read-only-storage' },
    })),
  ];
}

/** `GPUShaderStage.COMPUTE`, which a runtime without WebGPU globals (Node with Dawn) does not define. */
const COMPUTE_STAGE = 4;
