import { expect, it, vi } from 'vitest';
import { NormError } from '../../../src/index.ts';
import type { Context, NormErrorCode } from '../../../src/index.ts';

/** One wrong call: its name, the call, and the code and message of the NormError it gets. A call that rejects is an async function. */
export type WrongCall = readonly [name: string, call: () => unknown, code: NormErrorCode, message: string | RegExp];

/** Methods that a wrong call must not reach. */
export type Watched = readonly (readonly [object: object, method: string])[];

/** What the types would refuse. */
export const untyped = (value: unknown): never => value as never;

/** A function that takes any arguments. */
export const loose = (call: unknown): ((...given: unknown[]) => unknown) => call as never;

/** What records and submits. */
export const recording = ({ device }: Context): Watched => [
  [device, 'createCommandEncoder'],
  [device.queue, 'submit'],
];

/** What records into an encoder of the app's. */
export const encoding = (encoder: GPUCommandEncoder): Watched => [
  [encoder, 'beginComputePass'],
  [encoder, 'copyBufferToBuffer'],
];

/** What allocates, compiles and uploads; for tables whose calls make no tensors themselves. */
export const preparing = ({ device, runtime }: Context): Watched => [
  [device, 'createBuffer'],
  [device, 'createComputePipeline'],
  [device.queue, 'writeBuffer'],
  [runtime, 'take'],
];

/** Tests that each call gets its error, and reaches nothing that is watched. */
export function testWrongCalls(wrong: readonly WrongCall[], watched: Watched): void {
  it.each(wrong)('%s', async (_, call, code, message) => {
    for (const [object, method] of watched) vi.spyOn(object as never, method as never);
    try {
      const error = await thrownBy(call);
      expect(error).toBeInstanceOf(NormError);
      const { code: actual, message: says } = error as NormError;
      if (typeof message === 'string') expect(says).toBe(message);
      else expect(says).toMatch(message);
      expect(actual).toBe(code);
      for (const [object, method] of watched) expect(object[method as never], method).not.toHaveBeenCalled();
    } finally {
      vi.restoreAllMocks();
    }
  });
}

async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    const result = call();
    if (call.constructor.name === 'AsyncFunction') await result;
  } catch (error) {
    return error;
  }
  return undefined;
}
