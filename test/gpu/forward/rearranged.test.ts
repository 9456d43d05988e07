import { afterAll, describe, expect, it, vi } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import type { Operation } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpu, callReference, sizeOf, upload } from '../support/run.ts';

/**
 * WGSL lets a compiler add and subtract in another order, and Metal's does. Programs that are rearranged so before they are compiled tell that no
 * difference whose rounding counts is open to that.
 */

/** `(a - b) + c` as `(a + c) - b`, and `(a - b) - c` as `a - (b + c)`, of numbers and their parts. */
const DIFFERENCE = /(?<!\w)\(([\w.]+) ?- ?([\w.]+)\) ?([-+]) ?([\w.]+)(?! ?[*/(\w.[])/g;

function rearranged(code: string): string {
  return code.replaceAll(DIFFERENCE, (_, a: string, b: string, sign: string, c: string) =>
    sign === '+' ? `(${a} + ${c}) - ${b}` : `${a} - (${b} + ${c})`,
  );
}

const contexts = await openContexts();
const { device } = contexts.software;
const compile = device.createShaderModule.bind(device);
let changed = 0;
vi.spyOn(device, 'createShaderModule').mockImplementation((descriptor) => {
  const code = rearranged(descriptor.code);
  if (code !== descriptor.code) changed++;
  return compile({ ...descriptor, code });
});
afterAll(() => void vi.restoreAllMocks());

const CASES: [name: string, op: Operation, shape: number[], options: Record<string, unknown>][] = [
  ['LayerNorm, rows of 512', 'layerNorm', [64, 512], {}],
  ['LayerNorm, rows of 30000', 'layerNorm', [6, 30_000], {}],
  ['BatchNorm NCHW', 'batchNorm', [8, 6, 24, 24], { training: true }],
  ['BatchNorm NHWC', 'batchNorm', [8, 24, 24, 8], { training: true, layout: 'NHWC' }],
  ['GroupNorm NHWC', 'groupNorm', [2, 30, 30, 8], { numGroups: 2, layout: 'NHWC' }],
];

describe.each(Object.entries(contexts))('%s plans', (_, context) => {
  it.each(CASES)('%s keeps the digits of deviations about a large mean', async (_name, op, shape, options) => {
    const call = { op, x: { data: new Random(11).normals(sizeOf(shape), 1e6), shape }, options, arrays: {} };
    const [y, exact] = [await callGpu(call, upload(context)).read(), callReference(call)];
    const error = exact.reduce((most, value, index) => Math.max(most, Math.abs(value - y[index]!)), 0);
    expect(error).toBeLessThanOrEqual(2e-5);
  });
});

it('rearranges some programs', () => {
  expect(changed).toBeGreaterThan(0);
});
