import { geometricMean, median } from 'simple-statistics';
import { BASELINE, OURS } from '../libraries/names.ts';
import { formatCount, formatNumber } from './format.ts';
import type { Run } from './results.ts';

/** The first call on a shape. */
export interface ShapeCall {
  shape: readonly number[];
  /** How many the library compiled for it. */
  pipelines: number;
  /** From the call to the end of its work. */
  ms: number;
  /** From the call to its return. */
  hostMicros: number;
}

/** A time to the end of a call: of the first one, and of all. */
interface Times {
  first: number;
  median: number;
  largest: number;
}

/** What the calling thread spends on a call: in the median, and in the median and at most of those that compiled nothing. */
interface HostTimes {
  median: number;
  known: number | null;
  mostKnown: number | null;
}

/** Calls of a kind on one library, each on a shape that it had not seen. Null where there is no such number. */
export interface ShapesRow {
  case: string;
  library: string;
  /** Whether these come after the first ones, which the other libraries have part in. */
  next: boolean;
  shapes: readonly (readonly number[])[];
  pipelines: number | null;
  /** Those of the shapes that pipelines were compiled for. */
  compiledFor: readonly (readonly number[])[];
  ms: Times | null;
  /** The same in copies: medians of a copy call of x on the shapes that all libraries have part in. */
  copies: Times | null;
  /** As multiples of the first and the median time of webgpu-norm on the same shapes. */
  ofOurs: Omit<Times, 'largest'> | null;
  hostMicros: HostTimes | null;
  /** The same in medians of a copy call. */
  hostCopies: HostTimes | null;
  error?: string;
}

/** What a sitting finds. */
export interface ShapesMeasured {
  adapter: string;
  software: boolean;
  /** What the shapes were drawn from. */
  seed: number;
  shapes: ShapesRow[];
}

/** What the command writes; the other benchmark's results are no part of it. */
export interface ShapesResults extends ShapesMeasured, Run {
  results: [];
}

/** The calls of one library, or what went wrong with them. */
export interface Series {
  library: string;
  next: boolean;
  calls: readonly ShapeCall[];
  error?: string;
}

/** All series of one kind, as rows. */
export function shapesRowsOf(name: string, series: readonly Series[]): ShapesRow[] {
  const rows = series.map((each) => rowOf(name, each));
  const first = (library: string): ShapesRow | undefined =>
    rows.find((row) => row.library === library && !row.next && row.ms);
  const [copy, ours] = [first(BASELINE), first(OURS)];
  for (const row of rows) {
    const { ms, hostMicros } = row;
    if (!ms) continue;
    if (copy) {
      const unit = copy.ms!.median;
      row.copies = { first: ms.first / unit, median: ms.median / unit, largest: ms.largest / unit };
      row.hostCopies = inUnits(hostMicros!, copy.hostMicros!.median);
    }
    if (ours && !row.next && row.library !== BASELINE)
      row.ofOurs = { first: ms.first / ours.ms!.first, median: ms.median / ours.ms!.median };
  }
  return rows;
}

function inUnits({ median, known, mostKnown }: HostTimes, unit: number): HostTimes {
  return {
    median: median / unit,
    known: known === null ? null : known / unit,
    mostKnown: mostKnown === null ? null : mostKnown / unit,
  };
}

function rowOf(name: string, { library, next, calls, error }: Series): ShapesRow {
  // A copy has one pipeline, which is no concern of anyone.
  const compiling = library === BASELINE ? [] : calls.filter(({ pipelines }) => pipelines > 0);
  const shapes = calls.map(({ shape }) => shape);
  const none = { ms: null, hostMicros: null, copies: null, hostCopies: null, ofOurs: null, pipelines: null };
  const common = { case: name, library, next, shapes, compiledFor: compiling.map(({ shape }) => shape), ...none };
  if (error !== undefined || calls.length === 0) return { ...common, error: error ?? 'there were no calls' };
  const times = calls.map(({ ms }) => ms);
  const known = calls.filter(({ pipelines }) => pipelines === 0).map(({ hostMicros }) => hostMicros);
  return {
    ...common,
    pipelines: library === BASELINE ? null : compiling.reduce((sum, { pipelines }) => sum + pipelines, 0),
    ms: { first: times[0]!, median: median(times), largest: Math.max(...times) },
    hostMicros: {
      median: median(calls.map(({ hostMicros }) => hostMicros)),
      known: known.length > 0 ? median(known) : null,
      mostKnown: known.length > 0 ? Math.max(...known) : null,
    },
  };
}

export const SHAPES_COLUMNS: readonly { title: string; text(row: ShapesRow): string }[] = [
  { title: 'shapes', text: ({ shapes }) => formatCount(shapes.length) },
  { title: 'new pipelines', text: ({ pipelines }) => formatCount(pipelines) },
  { title: 'first, copies', text: ({ copies }) => formatNumber(copies?.first) },
  { title: 'median', text: ({ copies }) => formatNumber(copies?.median) },
  { title: 'largest', text: ({ copies }) => formatNumber(copies?.largest) },
  { title: 'first, of ours', text: ({ ofOurs }) => formatNumber(ofOurs?.first) },
  { title: 'median', text: ({ ofOurs }) => formatNumber(ofOurs?.median) },
  { title: 'host, copies', text: ({ hostCopies }) => formatNumber(hostCopies?.median) },
  { title: 'known', text: ({ hostCopies }) => formatNumber(hostCopies?.known) },
  { title: 'largest', text: ({ hostCopies }) => formatNumber(hostCopies?.mostKnown) },
];

/** A row's name in a table of its kind. */
export function seriesOf({ library, next }: ShapesRow): string {
  return next ? `${library}, the next` : library;
}

/** The outcome in sentences, in calls of a copy where a CPU pretends to be a GPU. */
export function shapesConclusions(rows: readonly ShapesRow[], software: boolean): string[] {
  const done = rows.filter(({ error }) => error === undefined);
  const ours = done.filter(({ library }) => library === OURS);
  const most = (values: readonly (number | null | undefined)[]): number =>
    Math.max(...values.map((value) => value ?? 0));
  const lines: string[] = [];
  for (const next of [false, true]) {
    const own = ours.filter((row) => row.next === next);
    if (own.length === 0) continue;
    const pipelines = most(own.map((row) => row.pipelines));
    const host = own.map((row) => (software ? row.hostCopies : row.hostMicros));
    const unit = software ? 'times that of a copy’s call' : 'µs';
    const known = most(host.map((times) => times?.known));
    const longest = most(host.map((times) => times?.mostKnown));
    lines.push(
      `${OURS}, ${next ? 'the next shapes' : 'new shapes'}: at most ${pipelines} new pipelines a kind; where nothing was compiled the calling thread spent ${formatNumber(known)} ${unit} in the median of the slowest kind, ${formatNumber(longest)} at most.`,
    );
  }
  for (const library of new Set(done.map((row) => row.library))) {
    const ratios = done.flatMap((row) => (row.library === library && row.ofOurs ? [row.ofOurs] : []));
    if (library === BASELINE || library === OURS || ratios.length === 0) continue;
    const mean = (name: 'first' | 'median'): string => formatNumber(geometricMean(ratios.map((ratio) => ratio[name])));
    lines.push(
      `${library}: ${mean('first')} times as long to a first result as ${OURS}, ${mean('median')} times in the median of all new shapes (geometric means, ${ratios.length} kinds).`,
    );
  }
  return lines;
}
