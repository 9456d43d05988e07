import { isWritten } from '../plan/plan.ts';
import type { Pass } from '../plan/plan.ts';
import { isWhole } from '../plan/tiling/access-width.ts';
import { digitKind } from './call-uniform.ts';
import { declarePass } from './declare.ts';
import { link } from './link.ts';
import { shaders } from './shaders.ts';

/** A compiled pass. */
export interface Program {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

const programs = new WeakMap<GPUDevice, Programs>();

/** The programs of a device, shared by all that run on it. */
export function programsOf(device: GPUDevice): Programs {
  let found = programs.get(device);
  if (!found) programs.set(device, (found = new Programs(device)));
  return found;
}

/** The pipelines of a device: one for each distinct text, compiled when first asked for. */
export class Programs {
  readonly #device: GPUDevice;
  readonly #programs = new Map<string, Program>();
  readonly #pending = new Map<string, Promise<void>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Compiles at once, unless it was compiled before. */
  get(pass: Pass): Program {
    const key = programKey(pass);
    let program = this.#programs.get(key);
    if (!program) {
      const { layout, descriptor } = this.#describe(pass);
      program = { layout, pipeline: this.#device.createComputePipeline(descriptor) };
      this.#programs.set(key, program);
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
        .then((pipeline) => void this.#programs.set(key, { layout, pipeline }))
        .finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    await pending;
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

/** What kind of call a pass belongs to: all that its text depends on, and no size. */
export function programKey(pass: Pass): string {
  const { kernel, choose, constants, maps, rounding, bindings, same } = pass;
  const arrays = bindings.map((binding) => {
    const { name, type, dtype, native, elementOffset = 0, access } = binding;
    return [name, type, dtype, native, access, elementOffset !== 0, isWhole(binding, pass)];
  });
  const digits = Object.entries(maps).map(([name, { group, element }]) => [
    name,
    group.map(digitKind),
    element.map(digitKind),
  ]);
  return JSON.stringify([kernel, choose, constants, digits, rounding, same, arrays]);
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
