import { NormError } from '../../errors.ts';
import { bytesPerElement } from '../../problem/dtype.ts';
import { formatShape, sizeOf, stridesOf } from '../../problem/shape.ts';
import type { Problem } from '../../problem/problem.ts';
import { isStrided, rowMajorView } from '../../problem/strides.ts';
import type { Plan } from '../plan.ts';
import { arraysOf } from './arrays.ts';
import { ALIGNMENT, tooLarge } from './assembly.ts';
import type { Whole } from './assembly.ts';
import { axesOf, piecesAlong } from './pieces.ts';
import type { Piece, PieceAxis } from './pieces.ts';

/** More pieces than this are refused: each is a dispatch or several. */
const MOST_PIECES = 4096;

/** A plan of pieces, or why there is none. */
export type Assembled = Pick<Plan, 'scratch' | 'saved' | 'passes'> | string;

/**
 * The plan itself where the device binds all that its passes do; else one of as few pieces as it takes, which `make` plans.
 *
 * @throws NormError `limit` where no pieces are small enough, or none can be planned.
 */
export function fitted(op: string, whole: Whole, plan: Plan, make: (pieces: readonly Piece[]) => Assembled): Plan {
  let large = tooLarge(plan, whole);
  if (!large) return plan;
  let why = '';
  if (isStrided(whole.problem)) throw tooMany(op, whole, large, STRIDED);
  if (whole.problem.sequences !== null) throw tooMany(op, whole, large, PACKED);
  if (!isInOrder(whole.problem)) throw tooMany(op, whole, large, STRIDED);
  for (const pieces of cuts(whole)) {
    const assembled = make(pieces);
    if (typeof assembled === 'string') {
      why = `; in pieces it cannot be, since ${assembled}`;
      continue;
    }
    const still = tooLarge(assembled, whole);
    if (!still) return { label: plan.label, ...assembled };
    // What does not get smaller with the pieces never fits.
    if (still.resource === large.resource && still.bytes >= large.bytes) break;
    large = still;
  }
  throw tooMany(op, whole, large, why);
}

/** Why pieces cannot be made of some. */
const PACKED = '; packed sequences are not bound in pieces, since where they begin only the GPU knows';
const STRIDED = '; strided tensors are not bound in pieces, contiguous ones are';

function tooMany(
  op: string,
  { profile, problem }: Whole,
  large: { resource: string; bytes: number },
  why: string,
): NormError {
  return new NormError(
    'limit',
    `${op}: of x ${formatShape(problem.shape)}, ${large.bytes} bytes of ${large.resource} would be bound at once${why}; this device ` +
      `binds ${profile.maxBinding}, ask for more by the limit maxStorageBufferBindingSize, or maxBufferSize`,
  );
}

/** Whether the axes of x lie in its order, so that the groups of a piece follow each other. */
function isInOrder(problem: Problem): boolean {
  const plain = rowMajorView(problem);
  const strides = axesOf(problem).map(({ along, index }) => plain[along][index]!);
  return strides.every((stride, axis) => axis === 0 || stride < strides[axis - 1]!);
}

/** Ever smaller pieces, those first that are as large as can be bound. */
function* cuts({ problem, profile }: Whole): Generator<Piece[]> {
  const axes = axesOf(problem);
  const width = Math.max(bytesPerElement(problem.dtype), bytesPerElement(problem.outputDtype));
  for (const [index, axis] of axes.entries()) {
    const most = Math.floor(profile.maxBinding / (axis.stride * width));
    const outer = sizeOf(axes.slice(0, index).map(({ size }) => size));
    const even = alignedSize({ problem }, axis);
    for (let size = Math.min(axis.size - 1, most); size >= 1; size = Math.floor(size / 2)) {
      if (size >= even) size -= size % even;
      if (outer * Math.ceil(axis.size / size) > MOST_PIECES) return;
      yield piecesAlong(problem, axes.slice(0, index + 1), size);
    }
  }
}

/** How many indices of an axis it takes for all arrays, and the numbers of groups, to go on where can be bound. */
function alignedSize({ problem }: Pick<Whole, 'problem'>, { along, index }: PieceAxis): number {
  const steps = [...arraysOf({ problem }).values()].map(
    ({ view, dtype }) => view[along][index]! * bytesPerElement(dtype),
  );
  if (along === 'kept') steps.push(stridesOf(problem.kept)[index]! * 4);
  return Math.max(1, ...steps.filter((step) => step > 0).map((step) => ALIGNMENT / powerOfTwoIn(step)));
}

/** The largest power of two, up to the alignment, that divides a number of bytes. */
function powerOfTwoIn(bytes: number): number {
  let power = 1;
  while (power < ALIGNMENT && bytes % (power * 2) === 0) power *= 2;
  return power;
}
