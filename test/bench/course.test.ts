import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Pass } from '../../bench/cases/case.ts';
import { CASES } from '../../bench/cases/cases.ts';
import { GROWTH } from '../../bench/cases/growth.ts';
import { measureEach } from '../../bench/course/each.ts';
import type { Attempt } from '../../bench/course/each.ts';
import { Gathered } from '../../bench/course/gathered.ts';
import { leftOf, partsAsked, partsOf } from '../../bench/course/parts.ts';
import { checkSame, commitsOf, readEarlier } from '../../bench/course/resume.ts';
import type { Finished, Results, Row } from '../../bench/analysis/results.ts';
import { askedOf, readOptions } from '../../bench/terminal/options.ts';
import { jsonOf } from '../../bench/terminal/table.ts';
import { rowOf } from './rows.ts';

const [A, B, C] = CASES.slice(0, 3).map(({ name }) => name) as [string, string, string];
const parts = partsOf(CASES.slice(0, 3), ['forward', 'backward']);
const DEVICE = { adapter: 'an adapter', software: true };

function endOf(name: string, pass: Pass, ratio = 1): Finished {
  return { case: name, pass, ratio, waitMs: 1, clockMicros: 5 };
}

/** Cases and passes, in short. */
function placesOf(items: readonly { case: string; pass: Pass }[]): string[] {
  return items.map(({ case: name, pass }) => `${'ABC'[[A, B, C].indexOf(name)]} ${pass}`);
}

const ALL = ['A forward', 'A backward', 'B forward', 'B backward', 'C forward', 'C backward'];

/** Measures as told, unless the place is lost: each loss is how many passes are finished before, and what is thrown. */
function attemptWith(losses: Record<string, [passes: number, thrown: string][]>): {
  attempt: Attempt;
  tried: string[];
} {
  const tried: string[] = [];
  const attempt: Attempt = async ({ of, passes }, follow) => {
    await new Promise((resolve) => setTimeout(resolve));
    tried.push(`${'ABC'[[A, B, C].indexOf(of.name)]} ${passes.join()}`);
    const loss = losses[of.name]?.shift();
    for (const pass of passes.slice(0, loss?.[0])) {
      follow({ share: 0, doing: `${of.name} ${pass}: copy`, rows: [] });
      const rows = [rowOf({ case: of.name, pass, library: 'copy' }), rowOf({ case: of.name, pass })];
      follow({ share: 0, doing: `${of.name} ${pass}: done`, rows, finished: endOf(of.name, pass) });
    }
    if (!loss) return;
    // A page that is gone may still be heard.
    setTimeout(() => follow({ share: 1, doing: '', rows: [], finished: endOf(of.name, 'backward') }));
    throw new Error(loss[1]);
  };
  return { attempt, tried };
}

async function run(
  losses: Parameters<typeof attemptWith>[0],
  gathered = new Gathered(parts),
): Promise<{ gathered: Gathered; tried: string[]; found: Row[]; lost: string[] }> {
  const { attempt, tried } = attemptWith(losses);
  const [found, lost]: [Row[], string[]] = [[], []];
  await measureEach(gathered, attempt, {
    found: (rows) => found.push(...rows),
    lost: (sentence) => lost.push(sentence),
  });
  return { gathered, tried, found, lost };
}

describe('a run', () => {
  it('measures each case apart from the others', async () => {
    const { gathered, tried, found, lost } = await run({});
    expect(tried).toEqual(['A forward,backward', 'B forward,backward', 'C forward,backward']);
    expect(lost).toEqual([]);
    const { results, finished, noise } = gathered.measured(DEVICE);
    expect(results).toEqual(found);
    expect(placesOf(finished)).toEqual(ALL);
    expect(noise).toEqual({ median: 0, largest: 0, waitMs: 1, clockMicros: 5 });
    expect(gathered.share).toBe(1);
  });

  it('tries what is left of a case once more where its page is lost', async () => {
    const { gathered, tried, lost } = await run({ [B]: [[1, 'the page crashed\nsomewhere']] });
    expect(tried).toEqual(['A forward,backward', 'B forward,backward', 'B backward', 'C forward,backward']);
    expect(lost).toEqual([`${B} forward: done: the page crashed; this case is tried once more`]);
    const { results, finished } = gathered.measured(DEVICE);
    expect(placesOf(finished)).toEqual(ALL);
    expect(results.some(({ error }) => error !== undefined)).toBe(false);
  });

  it('goes on after a case that is lost twice, with one row that says so', async () => {
    const twice: [number, string][] = [
      [1, 'the device was lost'],
      [0, 'the device was lost'],
    ];
    const { gathered, tried, found } = await run({ [B]: twice });
    expect(tried).toEqual(['A forward,backward', 'B forward,backward', 'B backward', 'C forward,backward']);
    const { results, finished } = gathered.measured(DEVICE);
    const failed = results.filter(({ error }) => error !== undefined);
    expect(failed).toEqual([
      expect.objectContaining({
        case: B,
        library: 'webgpu-norm',
        pass: 'backward',
        ms: null,
        error: 'the device was lost',
      }),
    ]);
    expect(found).toContainEqual(failed[0]);
    expect(placesOf(finished)).toEqual(ALL.filter((place) => place !== 'B backward'));
    expect(results.findIndex(({ error }) => error !== undefined)).toBe(6);
    expect(gathered.share).toBeCloseTo(5 / 6);
  });

  it('ends where it is interrupted, with what it has', async () => {
    const stop = new AbortController();
    const gathered = new Gathered(parts);
    const { attempt, tried } = attemptWith({ [B]: [[1, 'the page was closed']] });
    const listener = {
      found: ([row]: readonly Row[]) => row!.case === B && stop.abort(),
      lost: () => expect.unreachable(),
    };
    await measureEach(gathered, attempt, listener, stop.signal);
    expect(tried).toHaveLength(2);
    expect(placesOf(gathered.measured(DEVICE).finished)).toEqual(ALL.slice(0, 3));
  });

  it('has no part without passes, and is refused without parts', () => {
    expect(partsOf(GROWTH, ['step'])).toEqual([]);
    const quantized = CASES.filter((of) => of.quantized);
    expect(() => partsAsked(quantized, ['backward', 'step'])).toThrow(
      '--pass backward,step: there is no such pass of RMSNorm to i8 [2048,2048]',
    );
    expect(partsAsked(quantized, ['forward', 'step'])).toEqual(partsOf(quantized, ['forward']));
    expect(partsOf(GROWTH.slice(0, 1), ['forward', 'step'])).toEqual([{ of: GROWTH[0], passes: ['forward'] }]);
    expect(leftOf(parts, [endOf(A, 'forward'), endOf(A, 'backward'), endOf(C, 'forward')])).toEqual([
      parts[1],
      { ...parts[2], passes: ['backward'] },
    ]);
  });
});

describe('a run that goes on with an earlier one', () => {
  const earlier = {
    results: [
      rowOf({ case: C, pass: 'forward', ms: 7 }),
      rowOf({ case: A, pass: 'forward', ms: null, error: 'the device was lost' }),
      rowOf({ case: B, pass: 'backward', library: 'tfjs', ms: null, error: 'it broke' }),
      rowOf({ case: 'no longer there', pass: 'forward' }),
    ],
    finished: [endOf(C, 'forward', 1.5), endOf(B, 'backward'), endOf('no longer there', 'forward')],
  };

  it('measures what that did not finish, and has both', async () => {
    const { gathered, tried, found } = await run({}, new Gathered(parts, earlier));
    expect(tried).toEqual(['A forward,backward', 'B forward', 'C backward']);
    expect(found).toHaveLength(8);
    const { results, finished, noise } = gathered.measured(DEVICE);
    expect(placesOf(finished)).toEqual(ALL);
    expect([...new Set(placesOf(results))]).toEqual(ALL);
    expect(results).toContainEqual(earlier.results[0]);
    // That a library failed is a result, and no reason to ask it again.
    expect(results.filter(({ error }) => error !== undefined)).toEqual([earlier.results[2]]);
    expect(noise.largest).toBe(0.5);
  });

  const folder = mkdtempSync(join(tmpdir(), 'resume-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const fileWith = (text: string): string => {
    const file = join(folder, 'results.json');
    writeFileSync(file, text);
    return file;
  };
  const askedBy = (...given: string[]): Results['asked'] => askedOf(readOptions(given, true));
  const results: Results = {
    ...new Gathered(parts, earlier).measured(DEVICE),
    commit: 'abc1234',
    date: '',
    runtime: 'Chromium 1',
    command: 'npm run bench -- --quick --only A B',
    asked: askedBy('--quick', '--only', 'A', 'B'),
  };

  it('takes a file that was written by the same options, whatever else was said', () => {
    const file = fileWith(jsonOf(results));
    const asked = askedBy('--only', 'B', 'A', '--resume', file, '--quick', '--pass=forward,backward,step', '--headed');
    expect(readEarlier(file, asked)).toEqual(results);
    expect(readOptions(['--resume', file], false).json).toBe(file);
    expect(readOptions(['--resume', file, '--json', 'f', '--report'], true).json).toBe('f');
  });

  it.each([[['--only', 'A', 'B']], [['--quick', '--only', 'A']], [['--quick', '--only', 'A', 'B', '--pass', 'step']]])(
    'refuses one that was written by others than %j',
    (given) => {
      const file = fileWith(jsonOf(results));
      expect(() => readEarlier(file, askedBy(...given))).toThrow(
        `--resume ${file}: it was measured with other options, by npm run bench -- --quick --only A B`,
      );
    },
  );

  it.each([
    ['no JSON', '{"results": ['],
    ['null', 'null'],
    ['results of shapes', '{"results": [], "shapes": []}'],
    ['results that do not say how they came', JSON.stringify({ ...results, asked: undefined })],
    ['results that say half of it', JSON.stringify({ ...results, asked: {} })],
  ])('refuses %s', (_, text) => {
    const file = fileWith(text);
    expect(() => readEarlier(file, results.asked)).toThrow(
      new Error(`--resume ${file}: it is no file of results that a run can go on with`),
    );
  });

  it('refuses a file that is not there, and another machine', () => {
    expect(() => readEarlier(join(folder, 'none'), results.asked)).toThrow(
      /^--resume .*none: it cannot be read \(ENOENT\)$/,
    );
    expect(() => checkSame('f', results, { ...DEVICE, runtime: 'Chromium 1' })).not.toThrow();
    expect(() => checkSame('f', results, { ...DEVICE, runtime: 'Node' })).toThrow(
      '--resume f: it was measured on an adapter in Chromium 1, and this is an adapter in Node',
    );
    expect(() => checkSame('f', results, { ...results, adapter: 'another' })).toThrow(
      'and this is another in Chromium 1',
    );
  });

  it('names each commit that it measured', () => {
    expect(commitsOf(null, 'b')).toBe('b');
    expect(commitsOf({ commit: 'a' }, 'b')).toBe('a, b');
    expect(commitsOf({ commit: 'a, b' }, 'b')).toBe('a, b');
    expect(commitsOf({ commit: null }, null)).toBe(null);
  });
});
