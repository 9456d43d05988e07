import type { FloatDtype } from '../../src/problem/dtype.ts';
import { casesNamed } from './cases.ts';
import type { IsaCase } from './cases.ts';
import { compile, FAMILY } from './compile.ts';
import type { Compiled } from './compile.ts';
import { openDriver } from './driver.ts';
import type { Driver } from './driver.ts';
import { COPY, handwrittenFor } from './handwritten.ts';
import type { Numerics } from './handwritten/statistics.ts';
import { countsOf } from './listing.ts';
import type { Counts } from './listing.ts';
import { ownPrograms } from './passes.ts';
import { DIRECTIONS } from './plans.ts';
import type { Direction } from './plans.ts';
import { profileNamed } from './profiles.ts';
import type { ProfileName } from './profiles.ts';
import type { Program } from './program.ts';

/** What is compiled. */
export interface InspectOptions {
  /** Names of cases, or parts of names. Default: all. */
  only?: readonly string[];
  dtypes?: readonly FloatDtype[];
  directions?: readonly Direction[];
  /** Whose plans. Default: AMD's, with waves of 64 lanes. */
  profile?: ProfileName;
  /** The cards that they are compiled for. */
  family?: string;
  /** The programs of a kind of call, rather than those for one shape alone. Default: false. */
  general?: boolean;
}

/** A pass, or a kernel that was written by hand, and what the compiler made of it. */
export interface Row extends Counts {
  /** The case, and what is asked of it; empty: this is the copy. */
  case: string;
  direction: Direction;
  title: string;
  author: 'webgpu-norm' | 'hand';
  numerics: Numerics | null;
  /** Lanes of a wave. */
  wave: number;
  /** Elements of x a lane. */
  elements: number;
  registers: number;
  /** Registers that did not suffice. */
  spills: number;
  /** Bytes of memory a lane in place of registers. */
  scratch: number;
  /** Bytes of workgroup memory. */
  workgroupMemory: number;
  /** Waves that a SIMD holds at once. */
  waves: number;
  instructions: number;
  /** Cycles until a wave is through, and between two of them, as the compiler estimates: a loop as a fixed number of trips. */
  latency: number;
  inverseThroughput: number;
  /** Whether these two can be compared: there is no loop. */
  comparable: boolean;
  /** Their ratios to a kernel of the same work and numerics that was written by hand, that of throughput by element; null: there is none. */
  ratio: { latency: number; inverseThroughput: number } | null;
  listing: string;
  code: string;
}

/** A program and where it belongs. */
interface Entry extends Pick<Row, 'case' | 'direction' | 'author' | 'numerics'> {
  program: Program;
}

/**
 * Asks AMD's compiler what it makes of the passes of calls, and of kernels for the same work that were written by hand. Nothing runs.
 *
 * @throws Refusal (rejects) where what is asked for cannot be had, Error where it fails.
 */
export async function inspect(options: InspectOptions = {}, driver?: Driver): Promise<Row[]> {
  const {
    only = [],
    dtypes,
    directions = DIRECTIONS,
    profile: name = 'amd64',
    family = FAMILY,
    general = false,
  } = options;
  const cases = casesNamed(only, dtypes);
  const { profile, wave } = profileNamed(name);
  const entries: Entry[] = [
    { case: '', direction: 'forward', author: 'hand', numerics: null, program: COPY },
    ...cases.flatMap((of) =>
      directions.flatMap((direction) => [
        ...ownPrograms(of, direction, profile, general).map((program) => ownEntry(of, direction, program)),
        ...handEntries(of, direction, wave),
      ]),
    ),
  ];
  const compiled = await compile(
    driver ?? (await openDriver()),
    entries.map(({ program }) => program),
    family,
    wave,
  );
  return withRatios(entries.map((entry, index) => rowOf(entry, compiled[index]!)));
}

function ownEntry({ name }: IsaCase, direction: Direction, program: Program): Entry {
  return { case: name, direction, author: 'webgpu-norm', numerics: null, program };
}

function handEntries(of: IsaCase, direction: Direction, wave: 32 | 64): Entry[] {
  const written = Object.entries(handwrittenFor(of, direction, wave)) as [Numerics, Program][];
  return written.map(([numerics, program]) => ({ case: of.name, direction, author: 'hand', numerics, program }));
}

function rowOf({ program, ...entry }: Entry, { statistics, listing, narrowest }: Compiled): Row {
  const told = (name: string): number => {
    const value = statistics[name];
    if (value === undefined) throw new Error(`AMD's driver says nothing of '${name}'`);
    return value;
  };
  const counts = countsOf(listing);
  return {
    ...entry,
    title: program.title,
    elements: program.elements,
    wave: told('Wave'),
    registers: told('VGPRs'),
    spills: told('Spilled VGPRs') + told('Spilled SGPRs'),
    scratch: told('Scratch size'),
    workgroupMemory: told('LDS size'),
    // RDNA's are counted in waves of 32 lanes.
    waves: Math.floor((told('Subgroups per SIMD') * narrowest) / told('Wave')),
    instructions: told('Instructions'),
    latency: told('Latency'),
    inverseThroughput: told('Inverse Throughput'),
    ...counts,
    comparable: counts.loops === 0,
    ratio: null,
    listing,
    code: program.code,
  };
}

/** Ratios where one pass does all, and so does one kernel by hand, and neither has a loop. */
function withRatios(rows: readonly Row[]): Row[] {
  return rows.map((row) => {
    const beside = rows.filter((other) => other.case === row.case && other.direction === row.direction);
    const hand = beside.find(({ numerics }) => numerics === 'robust');
    const passes = beside.filter(({ author }) => author === 'webgpu-norm');
    if (!hand || hand === row || passes.length !== 1 || !row.comparable || !hand.comparable) return row;
    const cost = ({ inverseThroughput, elements }: Row): number => inverseThroughput / elements;
    return {
      ...row,
      ratio: { latency: row.latency / hand.latency, inverseThroughput: cost(row) / cost(hand) },
    };
  });
}
