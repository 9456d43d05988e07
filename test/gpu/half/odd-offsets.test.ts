import { describe, expect, it } from 'vitest';
import type { BackwardOptions, Context, Tensor } from '../../../src/index.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { encode } from '../support/formats.ts';
import type { Format } from '../support/formats.ts';
import { fuse, gradientFor, numbersOf } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { backwardOf } from '../support/gradients.ts';
import { modes } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, upload } from '../support/run.ts';
import { part } from '../support/sweeps.ts';
import type { Place } from '../support/run.ts';

/**
 * Tensors that begin at any element of one buffer of the app's, words shared with what is not theirs: the results are those of
 * tensors of their own to the last bit, and everything else in the buffer stays as it was.
 */

const contexts = await openContexts();
const STORAGE_AND_COPIES = 0x80 | 0x4 | 0x8;
const DTYPES = ['f32', 'f16', 'bf16'] as const;
const BYTES = { f32: 4, f16: 2, bf16: 2 } as const;

/** A buffer of the app, of which everything that is not written is noticed. */
class Arena {
  readonly buffer: GPUBuffer;
  readonly #context: Context;
  readonly #mirror = new Uint8Array(1 << 17).map((_, index) => index % 251);
  #end = 0;

  constructor(context: Context) {
    this.#context = context;
    this.buffer = context.device.createBuffer({ size: this.#mirror.length, usage: STORAGE_AND_COPIES });
  }

  /** The next part of the buffer that can be bound by itself, some elements behind where it could begin. */
  take(data: ArrayLike<number>, shape: readonly number[], dtype: Format, elementOffset: number): Tensor {
    const bytes = new Uint8Array((dtype === 'f32' ? Float32Array.from(data) : encode(dtype, data)).buffer);
    const byteOffset = Math.ceil(this.#end / 256) * 256 + elementOffset * BYTES[dtype];
    this.#mirror.set(bytes, byteOffset);
    this.#end = byteOffset + bytes.length;
    return this.#context.wrap(this.buffer, { shape, dtype, byteOffset });
  }

  upload(): void {
    this.#context.device.queue.writeBuffer(this.buffer, 0, this.#mirror);
  }

  /** Whether all but some tensors is as it was. */
  async isUntouchedBut(tensors: readonly Tensor[]): Promise<boolean> {
    const after = new Uint8Array(
      (await this.#context.wrap(this.buffer, { shape: [this.#mirror.length / 4] }).read()).buffer,
    );
    const free = new Uint8Array(after.length);
    for (const { byteOffset, byteLength } of tensors) free.fill(1, byteOffset, byteOffset + byteLength);
    return after.every((byte, index) => free[index] === 1 || byte === this.#mirror[index]);
  }
}

const plain = (fused: Fused, context: Context): Place => {
  return ({ data, shape }, name) => {
    const dtype = fused.dtypes[name] ?? 'f32';
    return dtype === 'f32'
      ? upload(context)({ data, shape }, name)
      : context.tensor(encode(dtype, data), shape, { dtype });
  };
};

describe.each(part(modes))('$name', (mode) => {
  it.each(DTYPES)('%s', async (dtype) => {
    for (const [index, plans] of PLANS.entries()) {
      const context = contexts[plans];
      const layout = mode.layouts[index % mode.layouts.length]!;
      const random = new Random(9 + index);
      const fused = fuse(
        mode,
        mode.call({ N: 2, C: 8, L: index === 0 ? 12 : 15 }, layout),
        layout,
        { dtype, like: true, affine: 'both', residual: 'none', modulation: 'none', activation: 'silu', mask: 'none' },
        random,
      );
      const dy = gradientFor(fused, random);
      const own = callGpuForward(fused, plain(fused, context));
      const ownGradients = backwardOf(mode.op)(plain(fused, context)(dy, 'dy'), own.saved);

      const arena = new Arena(context);
      let elementOffset = 0;
      const place: Place = ({ data, shape }, name) => {
        elementOffset = (elementOffset * 5 + 3) % 8;
        return arena.take(data, shape, fused.dtypes[name] ?? 'f32', elementOffset);
      };
      const dyTensor = place(dy, 'dy');
      const out = place({ data: fused.x.data, shape: fused.x.shape }, 'x');
      const outputs = Object.fromEntries(
        Object.entries(ownGradients).map(([name, { shape, size }]) => {
          const stored = name === 'dx' ? 'x' : name.slice(1);
          return [name, place({ data: new Float32Array(size), shape: [...shape] }, stored)];
        }),
      ) as NonNullable<BackwardOptions['out']>;
      const inputs = new Map<string, Tensor>();
      const placed: Place = (array, name) => {
        inputs.set(name, place(array, name));
        return inputs.get(name)!;
      };
      // Everything has its place before the buffer is written and the call is made.
      context.explain(() => callGpuForward(fused, placed));
      arena.upload();
      const { saved } = callGpuForward(fused, (_, name) => inputs.get(name)!, { out });
      const gradients = backwardOf(mode.op)(dyTensor, saved, { out: outputs });
      expect(await numbersOf(out), plans).toEqual(await numbersOf(own.y));
      for (const [name, tensor] of Object.entries(gradients)) {
        expect(await numbersOf(tensor), `${name}, ${plans}`).toEqual(await numbersOf(ownGradients[name as 'dx']));
      }
      expect(await arena.isUntouchedBut([out, ...Object.values(gradients)]), plans).toBe(true);
      arena.buffer.destroy();
    }
  });
});
