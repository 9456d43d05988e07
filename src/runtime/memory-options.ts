import { NormError } from '../errors.ts';
import { checkNames } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';

/** How much memory that nobody uses a context keeps for the next call. The larger of the two budgets counts. */
export interface MemoryOptions {
  /** Bytes that idle buffers may have together. Default: 67108864 (64 MiB). */
  idleBytes?: number | undefined;
  /** The same as a share of the bytes in use. Default: 0.25. */
  idleShare?: number | undefined;
  /** Seconds after which what nobody used is freed, up to half as long again; Infinity: never. Default: 10. */
  idleSeconds?: number | undefined;
}

export type MemoryPolicy = Record<keyof MemoryOptions, number>;

const DEFAULTS: MemoryPolicy = { idleBytes: 64 * 2 ** 20, idleShare: 0.25, idleSeconds: 10 };

const UNITS: Record<keyof MemoryPolicy, string> = {
  idleBytes: 'a number of bytes',
  idleShare: 'a share of the bytes in use, 0.25 for a quarter,',
  idleSeconds: 'a number of seconds',
};

/** The policy, what is left out by default. */
export function memoryPolicyOf({ idleBytes, idleShare, idleSeconds }: MemoryOptions = {}): MemoryPolicy {
  return {
    idleBytes: idleBytes ?? DEFAULTS.idleBytes,
    idleShare: idleShare ?? DEFAULTS.idleShare,
    idleSeconds: idleSeconds ?? DEFAULTS.idleSeconds,
  };
}

/** @throws NormError `option` where a part is not known, negative or no number. */
export function checkMemoryOptions(op: string, memory: MemoryOptions): void {
  checkNames(op, memory, Object.keys(UNITS), 'memory');
  for (const [part, value] of Object.entries(memory) as [keyof MemoryPolicy, unknown][]) {
    if (value === undefined || (typeof value === 'number' && value >= 0)) continue;
    throw new NormError(
      'option',
      `${op}: ${part} of memory is ${formatValue(value)}; it must be ${UNITS[part]} of at least 0`,
    );
  }
}
