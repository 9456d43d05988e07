/** A number in few digits, with a minus as wide as they are. */
export function format(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude === 0) return '0';
  if (magnitude < 1e-7) return '≈ 0';
  const text = magnitude < 1e-3 || magnitude >= 1e5 ? value.toExponential(2) : value.toPrecision(3);
  return (text.includes('e') ? text : String(Number(text))).replaceAll('-', '−');
}

/** A small number as a power of ten: of a difference the size counts. */
export const inTen = (value: number): string => (value === 0 ? '0' : value.toExponential(1).replaceAll('-', '−'));
