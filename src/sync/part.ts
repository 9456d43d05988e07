/** The contribution of a member to a step. */
export interface Part {
  step: number;
  label: string;
  numbers: Float32Array;
}

/** How a part differs from that of the member who merges, or null. */
export function differenceOf(name: string, part: Part, own: string, { label, numbers }: Part): string | null {
  if (part.label !== label) {
    return `'${name}' is at '${part.label}', '${own}' at '${label}'; members make the same calls in the same order`;
  }
  if (part.numbers.length !== numbers.length) {
    return `'${name}' gave ${part.numbers.length} numbers for '${label}', '${own}' ${numbers.length}; they must be as many`;
  }
  return null;
}
