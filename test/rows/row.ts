import { NormError } from '../../src/index.ts';
import type { Context, Tensor } from '../../src/index.ts';
import { isComputePass } from '../../src/runtime/encoder.ts';
import type { Encoder } from '../../src/runtime/encoder.ts';
import { layoutOf } from '../gpu/support/strided.ts';
import type { Call, Place } from './call.ts';
import type { NotingDevice } from './noting-device.ts';
import { stepsOf } from './steps.ts';

const BYTES: Readonly<Record<Place['dtype'], number>> = { f32: 4, u32: 4, f16: 2, bf16: 2, i8: 1 };
const STORAGE_AND_COPIES = 0x80 | 0x4 | 0x8;
/** Bytes of each buffer of the app's. */
const ROOM = 1 << 20;

/** Where calls are recorded: each is submitted by itself, or an encoder or an open pass of it takes all. */
export const INTO = ['submits', 'an encoder', 'a pass'] as const;
export type Into = (typeof INTO)[number];

/** Calls on one context, each of which tells what it had the device do. */
export class Row {
  readonly #context: Context;
  readonly #noting: NotingDevice;
  /** What takes all calls, if they are submitted together; and that of an open pass. */
  readonly #encoder: Encoder | undefined;
  readonly #whole: GPUCommandEncoder | undefined;
  readonly #buffers = new Map<string, GPUBuffer>();
  readonly #tensors = new Map<string, Tensor>();
  /** What calls gave and nobody needs any more. */
  readonly #done: Pick<Tensor, 'destroy'>[] = [];

  constructor(context: Context, noting: NotingDevice, into: Into) {
    this.#context = context;
    this.#noting = noting;
    this.#whole = into === 'submits' ? undefined : context.device.createCommandEncoder();
    this.#encoder = into === 'a pass' ? this.#whole?.beginComputePass() : this.#whole;
  }

  /** Makes a call, forward and backward, and what else there is of its tensors; returns what can be told of it once all is submitted. */
  call(call: Call): () => string[] {
    try {
      return this.#call(call);
    } catch (error) {
      return () => [refusalOf(error)];
    }
  }

  submit(): void {
    if (this.#encoder && isComputePass(this.#encoder)) this.#encoder.end();
    if (this.#whole) this.#context.device.queue.submit([this.#whole.finish()]);
    this.#destroyDone();
  }

  #call(call: Call): () => string[] {
    const placed: Record<string, Tensor> = {};
    for (const [name, place] of Object.entries(call.tensors)) placed[name] = this.#placed(name, place);
    const { steps, saved } = stepsOf(call, placed, this.#context, this.#encoder);
    const names = new Map(Object.entries(placed).map(([name, { storage }]) => [storage.buffer, name]));
    const own = new Set(names.keys());
    const made: Tensor[] = [];
    const told = this.#namingScratch(names, () =>
      Object.entries(steps).map(([step, work]) => {
        let first: string[] = [];
        const commands = this.#noting.during(() => {
          try {
            const results = Object.entries(work());
            for (const [name, { storage }] of Object.entries(saved()?.statistics ?? {}))
              names.set(storage.buffer, `kept ${name}`);
            first = results.flatMap(([name, tensor]) => {
              if (!tensor) return [];
              const { storage, dtype, shape, byteOffset } = tensor;
              if (!own.has(storage.buffer)) {
                made.push(tensor);
                names.set(storage.buffer, name);
              }
              return [`${name} ${dtype} [${shape.join()}] in ${names.get(storage.buffer)} from ${byteOffset}`];
            });
          } catch (error) {
            first = [refusalOf(error)];
          }
          return names;
        });
        return (): string[] => [...first, ...commands()].map((line) => `${step}: ${line}`);
      }),
    );
    const ours = Object.values(placed).filter(({ storage }) => storage.allocation);
    const kept = saved();
    this.#done.push(...made, ...ours, ...(kept ? [kept] : []));
    // What an open pass mentions is not to be destroyed before it is submitted.
    if (!this.#encoder || !isComputePass(this.#encoder)) this.#destroyDone();
    return () => told.flatMap((lines) => lines());
  }

  #destroyDone(): void {
    for (const one of this.#done.splice(0)) one.destroy();
  }

  /** Does some work; memory that it needs only within itself has names, too. */
  #namingScratch<T>(names: Map<GPUBuffer, string>, work: () => T): T {
    const { runtime } = this.#context;
    const { addScratch } = runtime;
    runtime.addScratch = (plan, resources) => {
      addScratch.call(runtime, plan, resources);
      for (const name in plan.scratch)
        if (resources[name]) names.set(resources[name].storage.buffer, `scratch ${name}`);
    };
    try {
      return work();
    } finally {
      runtime.addScratch = addScratch;
    }
  }

  #placed(name: string, place: Place): Tensor {
    const { shape, dtype, lying, before, buffer } = place;
    if (buffer === 'the context') return this.#context.empty(shape, { dtype, label: name });
    const key = JSON.stringify(place);
    let tensor = this.#tensors.get(key);
    if (!tensor) {
      const { strides, first } = layoutOf(shape, lying);
      const byteOffset = (first + before) * BYTES[dtype];
      tensor = this.#context.wrap(this.#bufferOf(buffer), { shape, dtype, strides, byteOffset });
      this.#tensors.set(key, tensor);
    }
    return tensor;
  }

  #bufferOf(label: string): GPUBuffer {
    let buffer = this.#buffers.get(label);
    if (!buffer) {
      buffer = this.#context.device.createBuffer({ label, size: ROOM, usage: STORAGE_AND_COPIES });
      this.#buffers.set(label, buffer);
    }
    return buffer;
  }
}

function refusalOf(error: unknown): string {
  if (!(error instanceof NormError)) throw error;
  return `${error.code}: ${error.message}`;
}
