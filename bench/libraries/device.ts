import { createContext } from '../../src/index.ts';
import type { Context, ContextOptions, Tensor } from '../../src/index.ts';
import { dtypeOf, hasCopies, inputShapes, isLarge } from '../cases/case.ts';
import type { Case, InputName } from '../cases/case.ts';
import type { Data } from './library.ts';
import { GpuTimer } from './timer.ts';

/** The arrays of a case on the GPU: one of each, but as many of x and of what goes with it as calls rotate over. */
export interface Arrays {
  x: readonly Tensor[];
  /** None where the case has none; likewise those that follow. */
  residual: readonly Tensor[];
  by: readonly Tensor[];
  add: readonly Tensor[];
  dy: readonly Tensor[];
  dresidualOut: readonly Tensor[];
  /** To be written, of no meaning between calls; none where calls make their results. */
  y: readonly Tensor[];
  residualOut: readonly Tensor[];
  parameters: Partial<Record<InputName, Tensor>>;
}

/** Those of which there are as many as calls rotate over. */
type Rotating = Omit<Arrays, 'parameters'>;

/** The device that webgpu-norm, the copies and the textbook kernel share, and the arrays they share on it. */
export class OwnDevice {
  readonly context: Context;
  readonly device: GPUDevice;
  readonly timer: GpuTimer | null;
  /** Whose device it is, where it is another's; its large arrays are too. */
  readonly #lender: OwnDevice | null;
  readonly #arrays = new Map<Data, { arrays: Arrays; users: number }>();

  constructor(context: Context, lender: OwnDevice | null = null) {
    this.context = context;
    this.device = context.device;
    this.timer = this.device.features.has('timestamp-query') ? new GpuTimer(this.device) : null;
    this.#lender = lender;
  }

  /** Uploads what nobody uploaded yet. */
  take(of: Case, data: Data): Arrays {
    let held = this.#arrays.get(data);
    if (!held) this.#arrays.set(data, (held = { arrays: this.#arraysOf(of, data), users: 0 }));
    held.users++;
    return held.arrays;
  }

  /** Frees what nobody uses any more. */
  release(data: Data): void {
    const held = this.#arrays.get(data);
    if (!held || --held.users > 0) return;
    this.#arrays.delete(data);
    const { parameters, ...rotating } = held.arrays;
    for (const tensor of [...Object.values(rotating).flat(), ...Object.values(parameters)]) tensor.destroy();
    this.#lender?.release(data);
  }

  #arraysOf(of: Case, data: Data): Arrays {
    const rotating = this.#lender ? this.#lent(this.#lender.take(of, data)) : this.#upload(of, data);
    return { ...rotating, parameters: this.#parameters(of, data) };
  }

  /** The arrays of another context of the device. */
  #lent({ parameters: _parameters, ...rotating }: Arrays): Rotating {
    const wrapped = ({ buffer, shape, dtype, byteOffset }: Tensor): Tensor =>
      this.context.wrap(buffer, { shape, dtype, byteOffset });
    return Object.fromEntries(
      Object.entries(rotating).map(([name, tensors]) => [name, tensors.map(wrapped)]),
    ) as unknown as Rotating;
  }

  #upload(of: Case, { arrays: { x, residual, by, add, dy, dresidualOut }, copies, fresh }: Data): Rotating {
    const dtype = dtypeOf(of);
    const copied = (make: () => Tensor): Tensor[] => Array.from({ length: copies }, make);
    const empty = (): Tensor => this.context.empty(of.shape, { dtype });
    const uploaded = (data: Float32Array | undefined): Tensor[] => {
      if (!data) return [];
      const first = this.context.tensor(data, of.shape, { dtype });
      return [first, ...Array.from({ length: copies - 1 }, () => this.#duplicate(first, empty()))];
    };
    return {
      x: uploaded(x),
      residual: uploaded(residual),
      by: uploaded(by),
      add: uploaded(add),
      dy: uploaded(dy),
      dresidualOut: uploaded(dresidualOut),
      y: fresh ? [] : copied(empty),
      residualOut: residual && !fresh ? copied(empty) : [],
    };
  }

  #duplicate(from: Tensor, to: Tensor): Tensor {
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(
      from.buffer,
      from.byteOffset,
      to.buffer,
      to.byteOffset,
      4 * Math.ceil(from.byteLength / 4),
    );
    this.device.queue.submit([encoder.finish()]);
    return to;
  }

  #parameters(of: Case, { arrays }: Data): Arrays['parameters'] {
    const shapes = inputShapes(of);
    const parameters = (Object.entries(arrays) as [InputName, Float32Array][]).filter(([name]) => !hasCopies(name));
    return Object.fromEntries(
      parameters.map(([name, data]) => [
        name,
        this.context.tensor(data, shapes[name]!, { dtype: isLarge(name) ? dtypeOf(of) : 'f32' }),
      ]),
    );
  }

  /** Until the GPU has done all it was given. */
  async wait(): Promise<void> {
    await this.device.queue.onSubmittedWorkDone();
  }

  destroy(): void {
    this.context.destroy();
  }
}

interface Opened {
  device: Promise<OwnDevice>;
  users: number;
}

/** The contexts that are open and how many use each, by their options: without any, the one whose device the others share. */
const opened = new Map<ContextOptions | undefined, Opened>();

/** Opens the device, or a context of it with these options, or joins those who did. */
export async function openDevice(options?: ContextOptions): Promise<OwnDevice> {
  let held = opened.get(options);
  if (!held) opened.set(options, (held = { device: options ? openOther(options) : openFirst(), users: 0 }));
  held.users++;
  return held.device;
}

async function openFirst(): Promise<OwnDevice> {
  return new OwnDevice(await createContext({ powerPreference: 'high-performance' }));
}

async function openOther(options: ContextOptions): Promise<OwnDevice> {
  const first = await openDevice();
  return new OwnDevice(await createContext({ ...options, device: first.device }), first);
}

/** Closes it after the last. */
export async function closeDevice(options?: ContextOptions): Promise<void> {
  const held = opened.get(options);
  if (!held || --held.users > 0) return;
  opened.delete(options);
  (await held.device).destroy();
  if (options) await closeDevice();
}
