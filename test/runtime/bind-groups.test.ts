import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BindGroups } from '../../src/runtime/bind-groups.ts';
import { MOST } from '../../src/runtime/bounds.ts';
import { Quiet } from '../../src/runtime/quiet.ts';

const make = (): BindGroups<string> => new BindGroups(new Quiet(10, () => false));

describe('bind groups', () => {
  it('are found by what they bind alone, and go with their buffers', () => {
    const key = fc.array(fc.constantFrom(0, 1, 2, 256, 2 ** 31), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat({ max: 3 })), { maxLength: 40 }), fc.nat({ max: 3 }), (added, gone) => {
        const groups = make();
        const wanted = new Map<string, { key: number[]; buffer: number }>();
        for (const [one, buffer] of added) {
          groups.add(one, one.join(), [buffer]);
          wanted.set(one.join(), { key: one, buffer });
        }
        groups.forget(gone);
        for (const [bound, { key: one, buffer }] of wanted) {
          expect(groups.find([...one])).toBe(buffer === gone ? undefined : bound);
        }
      }),
    );
  });

  it('are told apart where two have one hash: the later takes the place of the other', () => {
    // The hash after one number; the second number makes up for the difference.
    const after = (first: number): number => {
      const product = Math.imul(0x811c9dc5 ^ first, 0x85ebca6b);
      return product ^ (product >>> 15);
    };
    const [one, other] = [
      [1, 2],
      [3, after(1) ^ 2 ^ after(3)],
    ];
    const groups = make();
    groups.add(one!, 'one', [10]);
    expect(groups.find(other!)).toBeUndefined();
    groups.add(other!, 'other', [11]);
    expect(groups.size).toBe(1);
    expect([groups.find(one!), groups.find(other!)]).toEqual([undefined, 'other']);
    groups.forget(10);
    expect(groups.size).toBe(1);
    groups.forget(11);
    expect(groups.size).toBe(0);
  });

  it('are as many as there may be, those used last', () => {
    const groups = make();
    for (let pass = 0; pass < 2 * MOST.bindGroups; pass++) {
      groups.add([pass, 1], String(pass), [pass]);
      expect(groups.find([0, 1])).toBe('0');
    }
    expect(groups.size).toBe(MOST.bindGroups);
    expect(groups.find([1, 1])).toBeUndefined();
  });
});
