import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cache } from '../../src/runtime/cache.ts';

describe('a cache', () => {
  it('keeps the entries used last, as a list that is sorted by use does, and tells of the others once each', () => {
    const keys = fc.array(fc.constantFrom(...'abcdefgh'), { maxLength: 60 });
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 6 }), (used, most) => {
        const dropped: string[] = [];
        const cache = new Cache<string, string>(most, (value) => dropped.push(value));
        let kept: string[] = [];
        const wanted: string[] = [];
        for (const key of used) {
          expect(cache.get(key, () => key)).toBe(key);
          kept = [...kept.filter((one) => one !== key), key];
          if (kept.length > most) wanted.push(kept.shift()!);
        }
        expect(dropped).toEqual(wanted);
        expect(cache.size).toBe(kept.length);
        cache.dropWhile(() => true);
        expect(dropped).toEqual([...wanted, ...kept]);
      }),
    );
  });

  it('drops what is to be, up to the first that is not', () => {
    const cache = new Cache<string, number>(9);
    for (const value of [1, 2, 3, 1.5]) cache.add(String(value), value);
    cache.find('1');
    cache.dropWhile((value) => value < 3);
    expect([1, 1.5, 2, 3].filter((value) => cache.find(String(value)) !== undefined)).toEqual([1, 1.5, 3]);
  });
});
