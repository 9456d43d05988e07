import type { View } from '../../problem/affine.ts';
import type { Problem } from '../../problem/problem.ts';
import { sizeOf, stridesOf } from '../../problem/shape.ts';
import { offsetAt } from './arrays.ts';

/**
 * A part of a problem that is a problem of its own: one index of each of the outermost axes, some of the next, all of the others. So it is one
 * stretch of x.
 */
export interface Piece {
  problem: Problem;
  /** Where it begins along the kept and the reduced axes. */
  at: View;
  /** The first of its groups. */
  group: number;
}

/** An axis of a problem, and where it is. */
export interface PieceAxis {
  along: 'kept' | 'reduced';
  index: number;
  size: number;
  /** Elements of x between neighbours along it. */
  stride: number;
}

/** The axes that pieces may be cut along, outermost first. */
export function axesOf({ kept, reduced, x }: Problem): PieceAxis[] {
  const axes = (along: 'kept' | 'reduced', sizes: readonly number[]): PieceAxis[] =>
    sizes.map((size, index) => ({ along, index, size, stride: x[along][index]! }));
  const all = [...axes('kept', kept), ...axes('reduced', reduced)];
  return all.filter(({ size }) => size > 1).toSorted((a, b) => b.stride - a.stride);
}

/** Pieces of `size` indices of the last of some outermost axes, and of one of each of the others; the first along x first. */
export function piecesAlong(problem: Problem, axes: readonly PieceAxis[], size: number): Piece[] {
  const inner = axes.at(-1)!;
  const outer = axes.slice(0, -1);
  const strides = stridesOf(outer.map((axis) => axis.size));
  return Array.from({ length: sizeOf(outer.map((axis) => axis.size)) }, (_, number) => number).flatMap((number) => {
    const at: View = { kept: problem.kept.map(() => 0), reduced: problem.reduced.map(() => 0) };
    const sizes: View = { kept: [...problem.kept], reduced: [...problem.reduced] };
    outer.forEach((axis, index) => {
      at[axis.along][axis.index] = Math.floor(number / strides[index]!) % axis.size;
      sizes[axis.along][axis.index] = 1;
    });
    return Array.from({ length: Math.ceil(inner.size / size) }, (_, part) => {
      const from = structuredClone(at);
      const of = structuredClone(sizes);
      from[inner.along][inner.index] = part * size;
      of[inner.along][inner.index] = Math.min(size, inner.size - part * size);
      return pieceOf(problem, from, of);
    });
  });
}

/** Running statistics are updated once for all pieces. */
function pieceOf(problem: Problem, at: View, { kept, reduced }: View): Piece {
  const { channel, style } = problem;
  const [groups, length] = [sizeOf(kept), sizeOf(reduced)];
  return {
    problem: {
      ...problem,
      shape: [groups, length],
      kept,
      reduced,
      groups,
      length,
      update: null,
      channel: problem.source === 'running' ? channel : null,
      channels: channel ? sizeOf(kept.filter((_, axis) => channel[axis] !== 0)) : problem.channels,
      style: style && { ...style, shape: [groups, style.length], kept, groups },
    },
    at,
    group: offsetAt({ kept: stridesOf(problem.kept), reduced: reduced.map(() => 0) }, at),
  };
}

/** Whether pieces are of parts of groups, rather than of whole ones. */
export function cutsGroups(problem: Problem, pieces: readonly Piece[]): boolean {
  return pieces[0]!.problem.length < problem.length;
}

/** Pieces that have the same groups. */
export function byGroups(pieces: readonly Piece[]): Piece[][] {
  const all = new Map<number, Piece[]>();
  for (const piece of pieces) all.set(piece.group, [...(all.get(piece.group) ?? []), piece]);
  return [...all.values()];
}
