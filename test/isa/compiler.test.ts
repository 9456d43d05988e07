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
import { PROFILES } from '../../bench/isa/profiles.ts';
import { Refusal } from '../../bench/isa/refusal.ts';

/** What keeps this machine from having the driver; null: it is there. */
const [driver, missing] = await openDriver().then(
  (opened) => [opened, null] as const,
  (cause: Error) => [null, cause.message] as const,
);

const nameOf = (row: Row): string => `${row.case} ${row.direction}, ${row.title}`;

describe.skipIf(missing !== null)(`AMD's compiler${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it.each([
    { profile: 'amd64', family: 'navi31', general: true },
    { profile: 'amd64', family: 'navi21', general: false },
  ] as const)('keeps every pass in registers: %o', async (options) => {
    const rows = await inspect(options);
    expect(rows.filter(({ spills, scratch }) => spills + scratch > 0).map(nameOf)).toEqual([]);
    expect(rows.filter(({ wave }) => wave !== (options.profile === 'amd64' ? 64 : 32))).toEqual([]);
  });

  // The plans for Apple and NVIDIA differ from AMD's in what is held of long rows alone.
  it.each(PROFILES.filter((name) => name !== 'apple' && name !== 'nvidia'))(
    'holds the limits that are set: %s',
    async (profile) => {
      const own = (await inspect({ profile })).filter(({ author }) => author === 'webgpu-norm');
      const breaking = (breaks: (row: Row) => boolean): string[] => own.filter(breaks).map(nameOf);
      expect(breaking(({ spills, scratch }) => spills + scratch > 0)).toEqual([]);
      // Rows backward hold x, dy and the sums of both: where waves have 64 lanes, 6 fit.
      expect(
        breaking(({ waves, wave, title }) => waves < (title.startsWith('row_gradients') && wave === 64 ? 6 : 7)),
      ).toEqual([]);
      const isHeld = ({ title }: Row): boolean => title.endsWith('registers');
      // Sixteen loads of halves that each may be packed in two ways are more than the compiler unrolls.
      const isLongHalf = ({ case: name }: Row): boolean => /InstanceNorm .* b?f16/.test(name);
      expect(
        breaking((row) => row.direction === 'forward' && isHeld(row) && !isLongHalf(row) && row.loops > 0),
      ).toEqual([]);
      expect(breaking((row) => row.direction === 'forward' && isHeld(row) && row.barriers > 3)).toEqual([]);
      expect(breaking((row) => row.title === 'normalize subgroup registers' && row.barriers > 0)).toEqual([]);
    },
  );

  it('keeps rows near a kernel by hand of the same numerics', async () => {
    for (const profile of ['amd32', 'amd64'] as const) {
      const rows = await inspect({ profile, dtypes: ['f32'], directions: ['forward'] });
      const ratioOf = (name: string): Row['ratio'] =>
        rows.find((row) => row.case === name && row.author === 'webgpu-norm')!.ratio;
      for (const name of ['LayerNorm [512,4096] f32', 'RMSNorm [8192,4096] f32']) {
        expect(ratioOf(name)!.latency, name).toBeLessThan(1.5);
        expect(ratioOf(name)!.inverseThroughput, name).toBeLessThan(2);
      }
      // A lane has up to eight loads here, the one by hand fewer: it takes longer, and does more.
      for (const name of ['LayerNorm [4096,768] f32', 'RMSNorm [65536,64] f32', 'RMSNorm [65536,128] f32']) {
        expect(ratioOf(name)!.latency, name).toBeLessThan(2);
        expect(ratioOf(name)!.inverseThroughput, name).toBeLessThan(1.3);
      }
    }
  });

  it('sees four wide loads on their way where columns are summed up, and in gradients', async () => {
    const rows = await inspect({ profile: 'amd32', dtypes: ['f32'] });
    const few = rows.filter(
      ({ case: name, direction, title, author, bytesInFlight }) =>
        author === 'webgpu-norm' &&
        (name.includes('NHWC') || direction === 'backward') &&
        !title.startsWith('merge') &&
        bytesInFlight < 64,
    );
    // Here numbers of groups come first, and the loads of x and dy wait for their indices.
    expect(few.map(nameOf)).toEqual(['BatchNorm NCHW [32,64,56,56] f32 backward, apply_gradient subgroups']);
  });

  it('sees a row of halves and its residual on their way before a sum is rounded', async () => {
    const rows = await inspect({
      profile: 'nvidia',
      only: ['Add + RMSNorm'],
      dtypes: ['f16', 'bf16'],
      directions: ['forward'],
    });
    const own = rows.filter(({ author }) => author === 'webgpu-norm');
    expect(own).toHaveLength(2);
    // Eight loads of eight bytes of each.
    for (const row of own) expect(row.bytesInFlight, nameOf(row)).toBeGreaterThanOrEqual(2 * 8 * 8);
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
        'partial_moments workgroup',
        'merge_moments workgroup',
        'normalize workgroup',
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
