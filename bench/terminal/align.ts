/** A line of a table: a name and numbers, and words that take no column. */
export interface Line {
  cells: readonly string[];
  rest: string;
}

/** Lines as text, numbers to the right; a name that is not indented begins a new paragraph. */
export function alignedText(lines: readonly Line[]): string {
  const columns = Math.max(0, ...lines.map(({ cells }) => cells.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lines.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  return lines
    .map(({ cells: [name, ...numbers], rest }) => {
      const padded = numbers.map((text, column) => text.padStart(widths[column + 1]!));
      const line = [name!.padEnd(widths[0]!), ...padded, rest].join('  ').trimEnd();
      return name!.startsWith(' ') ? line : `\n${line}`;
    })
    .join('\n')
    .trimStart();
}
