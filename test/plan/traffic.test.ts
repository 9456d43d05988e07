import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HARDWARE, SUBGROUPS } from './every-plan.ts';
import { fusedTraffic, halfTraffic, quantizedTraffic, separatelyQuantizedTraffic, rotaryTraffic } from './traffic.ts';
import type { Counted, Fusing, Place, Traffic } from './traffic.ts';

/** The tables of docs/traffic.md, and those of rotations and quantized results, held against what the plans bind. */

const rows = ['traffic', 'rotary', 'quantized']
  .flatMap((page) => readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8').split('\n'))
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

function cellsOf(name: string): string[] {
  return rows.find(([first]) => first === name)?.slice(1) ?? [];
}

const CALLS: Record<string, Fusing> = {
  'the normalization alone': {},
  residual: { residual: true },
  'residual, gate': { residual: true, gate: true },
  'scale, shift': { modulated: true },
  activation: { activation: true },
  multiply: { multiplied: true },
  add: { added: true },
  'add, activation': { added: true, activation: true },
  'mask, maskOutput': { mask: true },
  'residual, gate, scale, shift, activation': { residual: true, gate: true, modulated: true, activation: true },
};

/** What a pass reads and writes forward, and what its gradient's passes do. */
type Step = readonly [forward: Traffic, backward: Traffic];

const step = (read: number, written: number, readBack: number, writtenBack: number): Step => [
  { read, written },
  { read: readBack, written: writtenBack },
];

const NORMALIZATION: Record<Place, Step> = { 'on chip': step(1, 1, 2, 1), batch: step(2, 1, 4, 1) };
const STEPS: Record<Exclude<keyof Fusing, never>, { name: string; step: Step }> = {
  gate: { name: 'gate · residual; dresidual, then dgate', step: step(1, 1, 3, 1) },
  residual: { name: 'x + residual; the addition of dresidualOut', step: step(2, 1, 2, 1) },
  modulated: { name: '· (1 + scale) + shift; dscale and dshift, then da', step: step(1, 1, 3, 1) },
  activation: { name: 'activation; its slope · dy', step: step(1, 1, 2, 1) },
  multiplied: { name: 'z · silu(by); dz and dby', step: step(2, 1, 3, 2) },
  added: { name: 'z + add; the gradient goes on as it is', step: step(2, 1, 1, 1) },
  mask: {
    name: 'x · mask and y · mask; dy · mask and the mask of what the statistics send back',
    step: step(2, 2, 2, 2),
  },
};

function separateTraffic(place: Place, fusing: Fusing): Record<'forward' | 'backward', Traffic> {
  const taken = (Object.keys(fusing) as (keyof Fusing)[]).map((name) => STEPS[name].step);
  const [forward, backward] = [0, 1].map((way) =>
    [NORMALIZATION[place], ...taken].reduce(
      (sum, each) => ({ read: sum.read + each[way]!.read, written: sum.written + each[way]!.written }),
      { read: 0, written: 0 },
    ),
  ) as [Traffic, Traffic];
  return { forward, backward };
}

const inArrays = ({ read, written }: Traffic): string => `${read / 4} + ${written / 4}`;
const text = ({ read, written }: Traffic): string => `${read} + ${written}`;

describe('docs', () => {
  it.each(Object.entries(CALLS))('tells what %s moves', (name, fusing) => {
    const cells = (['on chip', 'batch'] as const).flatMap((place) => {
      const fused = fusedTraffic(place, fusing, HARDWARE);
      const separate = separateTraffic(place, fusing);
      return [inArrays(fused.forward), text(separate.forward), inArrays(fused.backward), text(separate.backward)];
    });
    expect(cellsOf(name)).toEqual(cells);
  });

  it.each([
    ['multiply', { multiplied: true }],
    ['add, activation', { added: true, activation: true }],
  ] as const)('tells what %s moves where ten arrays are bound', (name, fusing) => {
    const { forward, backward } = fusedTraffic('on chip', fusing, { ...HARDWARE, maxArrays: 10 });
    expect(cellsOf(`${name}, ten arrays`)).toEqual([inArrays(forward), inArrays(backward)]);
  });

  it('tells of which steps the separate passes are', () => {
    expect(cellsOf('the normalization, on chip')).toEqual(NORMALIZATION['on chip'].map(text));
    expect(cellsOf('BatchNorm in training')).toEqual(NORMALIZATION.batch.map(text));
    for (const { name, step: steps } of Object.values(STEPS)) expect(cellsOf(name), name).toEqual(steps.map(text));
  });

  it.each([
    ['rotary', {}],
    ['rotary by positions, eight arrays', { positions: true }],
  ] as const)('tells what %s moves', (name, more) => {
    const [normalization, rotation] = [NORMALIZATION['on chip'], step(1, 1, 1, 1)];
    const separate = [0, 1].map((way) => {
      const [one, other] = [normalization[way]!, rotation[way]!];
      return text({ read: one.read + other.read, written: one.written + other.written });
    });
    const fused = rotaryTraffic(more, HARDWARE);
    expect(cellsOf(name)).toEqual([inArrays(fused.forward), separate[0], inArrays(fused.backward), separate[1]]);
  });

  it.each([
    ['[2048,1024]', 1024, HARDWARE],
    ['[2048,1023] with shader-f16', 1023, SUBGROUPS],
    ['[2048,1023] without', 1023, HARDWARE],
  ] as const)('tells what halves of %s move', (name, length, profile) => {
    const { forward, backward } = halfTraffic(length, profile);
    expect(cellsOf(name)).toEqual([text(forward), String(forward.passes), text(backward), String(backward.passes)]);
  });

  it('tells what quantized results move', () => {
    const held = { ...HARDWARE, held: 16 };
    const counted = ({ read, written, passes }: Counted): string[] => [text({ read, written }), String(passes)];
    const rows: Record<string, Counted> = {
      'quantized, a scale a row': quantizedTraffic(4096, {}, held),
      'quantized, a scale for 128': quantizedTraffic(4096, { groupSize: 128 }, held),
      'quantized, with a residual and residualOut': quantizedTraffic(4096, { residual: true }, held),
      'RMSNorm, then a quantization that reads each row once': separatelyQuantizedTraffic(4096, held),
      'quantized, rows of 4095': quantizedTraffic(4095, {}, held),
      'quantized, rows of 65,536': quantizedTraffic(65_536, {}, held),
      'quantized, rows of 65,536, a scale for 128': quantizedTraffic(65_536, { groupSize: 128 }, held),
    };
    for (const [name, traffic] of Object.entries(rows)) expect(cellsOf(name), name).toEqual(counted(traffic));
  });
});
