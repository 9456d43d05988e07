import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { compile, FAMILIES } from '../../bench/isa/compile.ts';
import { openDriver } from '../../bench/isa/driver.ts';
import { inspect } from '../../bench/isa/inspect.ts';
import type { Row } from '../../bench/isa/inspect.ts';
import { COPY } from '../../bench/isa/handwritten.ts';
import { main } from '../../bench/isa/main.ts';
import { Refusal } from '../../bench/isa/refusal.ts';

/** What keeps this machine from having the driver; null: it is there. */
const [driver, missing] = await openDriver().then(
  (opened) => [opened, null] as const,
  (cause: Error) => [null, cause.message] as const,
);

const nameOf = (row: Row): string => `${row.case} ${row.direction}, ${row.title}`;

describe.skipIf(missing !== null)(`AMD's compiler${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it.each([
    { profile: 'amd32', family: 'navi31', general: false },
    { profile: 'amd64', family: 'navi31', general: true },
    { profile: 'amd64', family: 'navi21', general: false },
    { profile: 'nvidia', family: 'navi21', general: false },
  ] as const)('keeps every pass in registers: %o', async (options) => {
    const rows = await inspect(options);
    expect(rows.filter(({ spills, scratch }) => spills + scratch > 0).map(nameOf)).toEqual([]);
    expect(rows.filter(({ wave }) => wave !== (options.profile === 'amd64' ? 64 : 32))).toEqual([]);
  });

  it('lets waves run beside each other, and spills nothing, in every pass for one shape', async () => {
    const own = (await inspect({ profile: 'amd64' })).filter(({ author }) => author === 'webgpu-norm');
    const few = (least: number, rows: readonly Row[]): string[] =>
      rows.filter(({ waves }) => waves < least).map(nameOf);
    expect(own.filter(({ spills, scratch }) => spills + scratch > 0).map(nameOf)).toEqual([]);
    expect(
      few(
        7,
        own.filter(({ direction }) => direction === 'forward'),
      ),
    ).toEqual([]);
    expect(few(4, own)).toEqual([]);
  });

  it('makes of kernels by hand what they were written for', async () => {
    const rows = await inspect({ directions: ['forward'] });
    const [copy, ...hand] = rows.filter(({ author }) => author === 'hand');
    expect(copy).toMatchObject({ title: 'copy', loads: { 16: 1 }, stores: { 16: 1 }, loops: 0, wave: 64, waves: 16 });
    expect(hand.length).toBeGreaterThan(20);
    for (const row of hand) {
      expect(row.loops, nameOf(row)).toBe(0);
      expect(row.barriers, nameOf(row)).toBeLessThan(4);
      expect(row.latency, nameOf(row)).toBeGreaterThan(copy!.latency);
      const elements = Object.entries(row.stores).reduce((sum, [bytes, count]) => sum + Number(bytes) * count, 0);
      const written = row.case.startsWith('Add') ? 2 : 1;
      expect(elements, nameOf(row)).toBe(written * row.elements * (row.case.endsWith('f32') ? 4 : 2));
    }
  });

  it('is asked for ratios where one pass and one kernel by hand do the same without a loop', async () => {
    const rows = await inspect({
      only: ['LayerNorm [4096,768] f32', 'LayerNorm [64,32768] f32'],
      directions: ['forward'],
    });
    const [own, textbook, robust] = rows.filter((row) => row.case === 'LayerNorm [4096,768] f32');
    expect(robust!.ratio).toBeNull();
    expect(own!.ratio!.latency).toBeCloseTo(own!.latency / robust!.latency);
    expect(textbook!.ratio!.inverseThroughput).toBeLessThan(1);
    expect(rows.filter((row) => row.case === 'LayerNorm [64,32768] f32' && row.ratio)).toEqual([]);
  });

  it('is printed as a table, a pass a row, and written to a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'webgpu-norm-isa-test-'));
    const file = join(folder, 'rows.json');
    const print = vi.spyOn(console, 'log').mockReturnValue();
    try {
      expect(await main(['--only', 'BatchNorm NHWC', '--dtype', 'f32', '--pass', 'forward', '--json', file])).toBe(0);
      const lines = String(print.mock.calls[0]![0]).split('\n');
      const { rows } = JSON.parse(readFileSync(file, 'utf8')) as { rows: Row[] };
      expect(lines.filter((line) => line.startsWith('  '))).toHaveLength(rows.length);
      expect(rows.map(({ title }) => title)).toEqual([
        'copy',
        'partial_moments invocation',
        'merge_moments workgroup',
        'normalize invocation',
      ]);
      for (const { title, loops, comparable, latency, listing } of rows) {
        const mark = loops > 0 ? '\\*' : '';
        const line = lines.find((text) => text.startsWith(`  ${title} `));
        expect(line).toMatch(new RegExp(` ${latency}${mark}( |$)`));
        expect(comparable).toBe(loops === 0);
        expect(listing).toContain('s_endpgm');
      }
    } finally {
      print.mockRestore();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('refuses what it does not know, in one line that names it', async () => {
    const only = ['LayerNorm [4096,768] f32'];
    await expect(inspect({ only, family: 'nonsense' })).rejects.toThrow(
      `--family nonsense: the driver knows no such cards; it knows ${FAMILIES.join(', ')} and more`,
    );
    await expect(inspect({ only, family: 'nonsense' })).rejects.toBeInstanceOf(Refusal);
    await expect(inspect({ only, family: 'vega10', profile: 'amd32' })).rejects.toThrow(
      '--family vega10: these cards have waves of 64 lanes; the profile is one of 32',
    );
    const complain = vi.spyOn(console, 'error').mockReturnValue();
    expect(await main(['--only', only[0]!, '--family', 'nonsense'])).toBe(2);
    expect(complain).toHaveBeenCalledTimes(1);
    complain.mockRestore();
    const broken = { ...COPY, title: 'broken', code: 'fn main() {' };
    await expect(compile(driver!, [COPY, broken], 'navi31', 64)).rejects.toThrow(/^broken does not compile: /);
  });
});
