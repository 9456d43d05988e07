import type { Dtype } from '../../src/index.ts';
import type { Case } from '../gpu/fuzz/case.ts';
import { fillCase } from '../gpu/fuzz/fill-case.ts';
import { lyingOf, PLAIN } from '../gpu/fuzz/tensors.ts';
import { dtypeOf } from '../gpu/support/fused.ts';
import type { Operation } from '../gpu/support/modes.ts';
import type { Lying } from '../gpu/support/strided.ts';
import { isSameShape } from '../../src/problem/shape.ts';

/** A tensor: what it holds, and where. */
export interface Place {
  shape: readonly number[];
  dtype: Dtype;
  lying: Lying;
  /** Elements before the first. */
  before: number;
  /** The name of its buffer; tensors of one name are in one. */
  buffer: string;
}

/** A call, forward and backward, but for its numbers. */
export interface Call {
  op: Operation;
  options: Readonly<Record<string, unknown>>;
  /** x, its operands, dy and dresidualOut; and by their names the results that are given a place: `out`, `residualOut`, `dx` … */
  tensors: Readonly<Record<string, Place>>;
  /** The gradient that is added to what is there, and the one that is not asked for. */
  accumulated?: string;
  omitted?: string;
}

/** The call of a case; null where there is none. */
export function callOf(drawn: Case): Call | null {
  const filled = fillCase(drawn);
  if (!filled) return null;
  const { given, fused, dy, dresidualOut } = filled;
  const { op, options, x, arrays } = fused;
  const tensors: Record<string, Place> = {};
  for (const [name, { shape }] of Object.entries({ ...arrays, x, dy, ...(dresidualOut && { dresidualOut }) })) {
    tensors[name] = {
      shape,
      dtype: dtypeOf(fused, name),
      lying: lyingOf(given.lying, name, isSameShape(shape, x.shape)),
      before: PLAIN.has(name) ? 0 : given.before,
      buffer: name,
    };
  }
  return { op, options, tensors };
}
