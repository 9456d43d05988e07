import { NormError } from '../errors.ts';

/** Names of another library's dtypes for floats, and for whole numbers; the first of each is the one to cast to. */
export interface Dtypes {
  floats: readonly string[];
  counts: readonly string[];
}

/** Operands that hold whole numbers. */
export const COUNTS: readonly string[] = ['segments', 'positions', 'numBatchesTracked'];

/** @throws NormError `dtype` unless an operand holds what its name asks for; `cast` is how an app casts it. */
export function checkDtype(
  op: string,
  name: string,
  dtype: string,
  { floats, counts }: Dtypes,
  cast: (wanted: string) => string,
): void {
  const held = COUNTS.includes(name) ? counts : floats;
  const wanted = name === 'mask' ? ['bool', ...counts, ...floats] : held;
  if (wanted.includes(dtype)) return;
  throw new NormError('dtype', `${op}: ${name} holds ${dtype}; it must hold ${wanted.join(' or ')}: ${cast(held[0]!)}`);
}
