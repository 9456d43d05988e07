import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digitsOf, meetingOf, runsOf, runsWithTail, UNIT, widenRuns } from '../../src/plan/tiling/index-map.ts';
import type { Digit } from '../../src/plan/tiling/index-map.ts';

const seed = Number(import.meta.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

function apply(digits: Digit[], counter: number): number {
  let rest = counter;
  let offset = 0;
  for (const { skip, size, stride, most = Infinity } of digits) {
    rest = Math.floor(rest / skip);
    offset += Math.min((size === null ? rest : rest % size) * stride, most);
    rest = size === null ? 0 : Math.floor(rest / size);
  }
  return offset;
}

/** The definition: the counter as row-major coordinates, each times its stride. */
function offsetOf(sizes: number[], strides: number[], counter: number): number {
  let rest = counter;
  let offset = 0;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    offset += (rest % sizes[axis]!) * strides[axis]!;
    rest = Math.floor(rest / sizes[axis]!);
  }
  return offset;
}

const axes = fc.array(
  fc.record({ size: fc.integer({ min: 1, max: 6 }), stride: fc.constantFrom(0, 1, 4, 8, 24, 144) }),
  {
    maxLength: 5,
  },
);
const product = (sizes: number[]): number => sizes.reduce((a, b) => a * b, 1);

describe('index maps', () => {
  it(`equal the row-major order (seed ${seed})`, () => {
    fc.assert(
      fc.property(axes, (list) => {
        const [sizes, strides] = [list.map((axis) => axis.size), list.map((axis) => axis.stride)];
        const digits = digitsOf(runsOf(sizes, strides));
        for (let counter = 0; counter < product(sizes); counter++) {
          expect(apply(digits, counter)).toBe(offsetOf(sizes, strides, counter));
        }
      }),
      { seed },
    );
  });

  it(`see every element of a run of any length, four a load (seed ${seed})`, () => {
    const lists = fc.record({ list: axes, run: fc.integer({ min: 4, max: 40 }), stride: fc.constantFrom(0, 1) });
    fc.assert(
      fc.property(lists, ({ list, run, stride }) => {
        const sizes = [...list.map((axis) => axis.size), run];
        const strides = [...list.map((axis) => axis.stride * run), stride];
        const runs = runsOf(sizes, strides);
        fc.pre(runs.at(-1)!.stride === stride && runs.at(-1)!.size % run === 0);
        const digits = digitsOf(runsWithTail(runs, run, 4));
        const loads = Math.ceil(run / 4);
        for (let load = 0; load < (product(sizes) / run) * loads; load++) {
          const counter = Math.floor(load / loads) * run + Math.min((load % loads) * 4, run - 4);
          expect(apply(digits, load)).toBe(offsetOf(sizes, strides, counter));
        }
      }),
      { seed },
    );
  });

  it(`count loads of four as they count elements (seed ${seed})`, () => {
    fc.assert(
      fc.property(axes, (list) => {
        const [sizes, strides] = [list.map((axis) => axis.size), list.map((axis) => axis.stride)];
        const runs = runsOf(sizes, strides);
        const meeting = meetingOf(runs, 4);
        fc.pre(meeting !== null && product(sizes) % 4 === 0);
        const digits = digitsOf(widenRuns(runs, 4, meeting!));
        for (let load = 0; load < product(sizes) / 4; load++) {
          const elements = [0, 1, 2, 3].map((lane) => offsetOf(sizes, strides, load * 4 + lane));
          const first = apply(digits, load) * (meeting === 'each' ? 4 : 1);
          expect(elements).toEqual([0, 1, 2, 3].map((lane) => first + (meeting === 'each' ? lane : 0)));
        }
      }),
      { seed },
    );
  });

  it('are as short as the strides allow', () => {
    expect(digitsOf(runsOf([2, 3, 4], [12, 4, 1]))).toEqual([UNIT]);
    expect(digitsOf(runsOf([8, 64, 1], [0, 1, 1]))).toEqual([{ skip: 1, size: 64, stride: 1 }]);
    expect(digitsOf(runsOf([5, 7], [0, 0]))).toEqual([]);
  });
});
