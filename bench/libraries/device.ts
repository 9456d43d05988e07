import { createContext } from '../../src/index.ts';
import type { Context, Tensor } from '../../src/index.ts';
import { dtypeOf, inputShapes, isLarge } from '../cases/case.ts';
import type { Case, InputName } from '../cases/case.ts';
import type { Data } from './library.ts';
import { GpuTimer } from './timer.ts';

/** The arrays of a case on the GPU: one of each, but as many of x and of what goes with it as calls rotate over. */
export interface Arrays {
  x: readonly Tensor[];
  /** None where the case has none; likewise residualOut, dy and dresidualOut. */
  residual: readonly Tensor[];
  dy: readonly Tensor[];
  dresidualOut: readonly Tensor[];
  /** To be written, of no meaning between calls; none where calls make their results. */
  y: readonly Tensor[];
  residualOut: readonly Tensor[];
  parameters: Partial<Record<InputName, Tensor>>;
}

/** The device that webgpu-norm, the copies and the textbook kernel share, and the arrays they share on it. */
export class OwnDevice {
  readonly context: Context;
  readonly device: GPUDevice;
  readonly timer: GpuTimer | null;
  readonly #arrays = new Map<Data, { arrays: Arrays; users: number }>();

  constructor(context: Context) {
    this.context = context;
    this.device = context.device;
    this.timer = this.device.features.has('timestamp-query') ? new GpuTimer(this.device) : null;
  }

  /** Uploads what nobody uploaded yet. */
  take(of: Case, data: Data): Arrays {
    let held = this.#arrays.get(data);
    if (!held) this.#arrays.set(data, (held = { arrays: this.#upload(of, data), users: 0 }));
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
  }

  #upload(of: Case, { arrays, copies, fresh }: Data): Arrays {
    const { x, residual, dy, dresidualOut, ...rest } = arrays;
    const shapes = inputShapes(of);
    const dtype = dtypeOf(of);
    const copied = (make: () => Tensor): Tensor[] => Array.from({ length: copies }, make);
    const uploaded = (data: Float32Array | undefined): Tensor[] =>
      data ? copied(() => this.context.tensor(data, of.shape, { dtype })) : [];
    const empty = (): Tensor => this.context.empty(of.shape, { dtype });
    return {
      x: uploaded(x),
      residual: uploaded(residual),
      dy: uploaded(dy),
      dresidualOut: uploaded(dresidualOut),
      y: fresh ? [] : copied(empty),
      residualOut: residual && !fresh ? copied(empty) : [],
      parameters: Object.fromEntries(
        (Object.entries(rest) as [InputName, Float32Array][]).map(([name, data]) => [
          name,
          this.context.tensor(data, shapes[name]!, { dtype: isLarge(name) ? dtype : 'f32' }),
        ]),
      ),
    };
  }

  /** Until the GPU has done all it was given. */
  async wait(): Promise<void> {
    await this.device.queue.onSubmittedWorkDone();
  }

  destroy(): void {
    this.context.destroy();
  }
}

let opened: Promise<OwnDevice> | null = null;
let users = 0;

/** Opens the device, or joins those who did. */
export async function openDevice(): Promise<OwnDevice> {
  users++;
  opened ??= createContext({ powerPreference: 'high-performance' }).then((context) => new OwnDevice(context));
  return opened;
}

/** Closes it after the last. */
export async function closeDevice(): Promise<void> {
  if (--users > 0) return;
  const closing = opened;
  opened = null;
  (await closing)?.destroy();
}
