/** Numbers as people read them; a dash where there is none. */

type Maybe = number | null | undefined;

const NONE = '–';

/** Three digits. */
export function formatNumber(value: Maybe): string {
  if (value === null || value === undefined) return NONE;
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)) + 1e-9));
  return digits > 6 ? value.toExponential(1) : value.toFixed(digits);
}

export function formatCount(value: Maybe): string {
  return value === null || value === undefined ? NONE : String(value);
}

export function formatBytes(value: Maybe): string {
  if (value === null || value === undefined) return NONE;
  if (value < 1000) return `${value} B`;
  return value < 1e6 ? `${formatNumber(value / 1e3)} kB` : `${formatNumber(value / 1e6)} MB`;
}

export function formatError(value: Maybe): string {
  return value === null || value === undefined ? NONE : value === 0 ? '0' : value.toExponential(1);
}

export function formatPercent(value: Maybe): string {
  return value === null || value === undefined ? NONE : `${formatNumber(100 * value)} %`;
}
