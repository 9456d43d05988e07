import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeClass } from '../../src/runtime/size-class.ts';

const MOST = 2 ** 40;
const bytes = fc.integer({ min: 1, max: 2 ** 36 });

describe('the size class of so many bytes', () => {
  it('holds them, and is a quarter larger at most', () => {
    fc.assert(
      fc.property(bytes, (wanted) => {
        const size = sizeClass(wanted, MOST);
        expect(size).toBeGreaterThanOrEqual(wanted);
        if (wanted > 256) expect(size).toBeLessThanOrEqual(1.25 * wanted);
        expect(size % 16).toBe(0);
      }),
    );
  });

  it('grows with them, and is its own class', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const [small, large] = [sizeClass(Math.min(a, b), MOST), sizeClass(Math.max(a, b), MOST)];
        expect(small).toBeLessThanOrEqual(large);
        expect(sizeClass(small, MOST)).toBe(small);
      }),
    );
  });

  it('is one of four an octave', () => {
    const classes = new Set(Array.from({ length: 65_536 }, (_, index) => sizeClass(index + 1, MOST)));
    expect(classes.size).toBe(1 + 4 * 8);
    expect([...classes].slice(0, 6)).toEqual([256, 320, 384, 448, 512, 640]);
  });

  it('is never above the largest buffer of the device where the bytes are not', () => {
    const fits = fc.integer({ min: 256, max: 2 ** 34 }).chain((most) => {
      const words = Math.floor(most / 4) * 4;
      return fc.tuple(fc.integer({ min: 1, max: words }), fc.constant(words));
    });
    fc.assert(
      fc.property(fits, ([wanted, most]) => {
        const size = sizeClass(wanted, most);
        expect(size).toBeGreaterThanOrEqual(wanted);
        expect(size).toBeLessThanOrEqual(most);
        expect(size % 4).toBe(0);
      }),
    );
  });
});
