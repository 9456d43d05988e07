import type { Size } from './modes.ts';

/** Shapes on which kernels go wrong. */
export const AWKWARD: Record<string, Size> = {
  'one element': { N: 1, C: 1, L: 1 },
  'one row': { N: 1, C: 1, L: 768 },
  '1 column': { N: 4, C: 6, L: 1 },
  '3 columns': { N: 4, C: 6, L: 3 },
  '5 columns': { N: 3, C: 8, L: 5 },
  '7 columns': { N: 5, C: 4, L: 7 },
  'rows of 2': { N: 3, C: 8, L: 2 },
  'C = 1': { N: 3, C: 1, L: 36 },
  'N = 1': { N: 1, C: 8, L: 36 },
  'HW = 1': { N: 16, C: 8, L: 1 },
  'four everywhere': { N: 4, C: 16, L: 64 },
};

/** Shapes that take many invocations, or long sums. */
export const LARGE: Record<string, Size> = {
  'rows of 4095': { N: 2, C: 4, L: 4095 },
  'rows of 4096': { N: 2, C: 4, L: 4096 },
  'rows of 4097': { N: 2, C: 3, L: 4097 },
  'rows of 100003': { N: 1, C: 2, L: 100_003 },
  '300000 rows of 3': { N: 1000, C: 300, L: 3 },
  '300000 groups': { N: 100_000, C: 3, L: 3 },
};
