import { afterAll, describe, expect, it, vi } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import type { Operation } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpu, callReference, sizeOf, upload } from '../support/run.ts';

/**
 * WGSL lets a compiler add and subtract in another order, and Metal's does; and fuse a product with the difference that follows, which NVIDIA's does:
 * that product is not rounded. Programs that are rewritten so before they are compiled tell that no difference whose rounding counts is open to that.
 */

/** `(a - b) + c` as `(a + c) - b`, and `(a - b) - c` as `a - (b + c)`, of numbers and their parts. */
const DIFFERENCE = /(?<!\w)\(([\w.]+) ?- ?([\w.]+)\) ?([-+]) ?([\w.]+)(?! ?[*/(\w.[])/g;

function rearranged(code: string): string {
  return code.replaceAll(DIFFERENCE, (_, a: string, b: string, sign: string, c: string) =>
    sign === '+' ? `(${a} + ${c}) - ${b}` : `${a} - (${b} + ${c})`,
  );
}

/** A variable that becomes the product of what was reduced and a number of the shape. */
const PRODUCT = /\b(\w+) = (reduce_[^;]*\.[ab]) \* ([\w.]+);/g;

/** What the rounding of a product left, exactly (Dekker 1971), taken off after the product. */
const FUSED = `
fn upper_half(a: Accumulator) -> Accumulator { return bitcast<Accumulator>(bitcast<AccumulatorBits>(a) & AccumulatorBits(0xfffff000u)); }
fn minus_product(value: Value, a: Accumulator, b: Accumulator) -> Value {
    let product = a * b;
    let upper_a = upper_half(a);
    let upper_b = upper_half(b);
    let lower_a = a - upper_a;
    let lower_b = b - upper_b;
    let rest = ((upper_a * upper_b - product) + upper_a * lower_b + lower_a * upper_b) + lower_a * lower_b;
    return (value - product) - rest;
}
`;

/** `v = a * b` and then `c - v` as `fma(-a, b, c)`. */
function fused(code: string): string {
  const products: string[] = [];
  const named = code.replaceAll(PRODUCT, (_, name: string, a: string, b: string) => {
    products.push(name);
    return `${name}_a = ${a}; ${name}_b = Accumulator(${b}); ${name} = ${name}_a * ${name}_b;`;
  });
  return products.reduce(
    (text, name) =>
      `${text.replaceAll(new RegExp(`(\\w+\\((?:[^()]|\\([^()]*\\))*\\)) - ${name}\\b`, 'g'), `minus_product($1, ${name}_a, ${name}_b)`)}
var<private> ${name}_a: Accumulator;
var<private> ${name}_b: Accumulator;${FUSED}`,
    named,
  );
}

/** A program without the black boxes that keep products of what was reduced from being fused. */
const unboxed = (code: string): string => code.replaceAll(/\bblack_box_accumulator\((reduce_[^;]*)\);/g, '$1;');

/** Contexts of a device whose compiler rewrites programs; counts those that it changes, or would. */
async function rewriting(rewrite: (code: string) => string, would: (code: string) => boolean) {
  const contexts = Object.entries(await openContexts());
  const { device } = contexts[0]![1];
  const compile = device.createShaderModule.bind(device);
  const programs = { changed: 0 };
  vi.spyOn(device, 'createShaderModule').mockImplementation((descriptor) => {
    if (would(descriptor.code)) programs.changed++;
    return compile({ ...descriptor, code: rewrite(descriptor.code) });
  });
  return { contexts, programs };
}

const compilers = {
  rearranging: await rewriting(rearranged, (code) => rearranged(code) !== code),
  fusing: await rewriting(fused, (code) => /(?<!fn )minus_product\(/.test(fused(unboxed(code)))),
};
afterAll(() => void vi.restoreAllMocks());

const CASES: [name: string, op: Operation, shape: number[], options: Record<string, unknown>][] = [
  ['LayerNorm, rows of 512', 'layerNorm', [64, 512], {}],
  ['LayerNorm, rows of 30000', 'layerNorm', [6, 30_000], {}],
  ['BatchNorm NCHW', 'batchNorm', [8, 6, 24, 24], { training: true }],
  ['BatchNorm NHWC', 'batchNorm', [8, 24, 24, 8], { training: true, layout: 'NHWC' }],
  ['GroupNorm NHWC', 'groupNorm', [2, 30, 30, 8], { numGroups: 2, layout: 'NHWC' }],
];

describe.each(Object.entries(compilers))('%s', (_, { contexts }) => {
  describe.each(contexts)('%s plans', (__, context) => {
    it.each(CASES)('%s keeps the digits of deviations about a large mean', async (_name, op, shape, options) => {
      const call = { op, x: { data: new Random(11).normals(sizeOf(shape), 1e6), shape }, options, arrays: {} };
      const [y, exact] = [await callGpu(call, upload(context)).read(), callReference(call)];
      const error = exact.reduce((most, value, index) => Math.max(most, Math.abs(value - y[index]!)), 0);
      expect(error).toBeLessThanOrEqual(2e-5);
    });
  });
});

it.each(Object.entries(compilers))('%s changes some programs', (_, { programs }) => {
  expect(programs.changed).toBeGreaterThan(0);
});

it('fuses a product with the difference that follows', () => {
  const code = fused(
    'mean = reduce_sums(item, all).a * call.shape.inv_count; let distance = abs(at(first, k)) - mean;',
  );
  expect(code).toContain('let distance = minus_product(abs(at(first, k)), mean_a, mean_b);');
});
