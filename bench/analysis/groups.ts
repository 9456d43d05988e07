import type { Row } from './results.ts';

/** Rows that are compared with each other. */
export interface Group {
  title: string;
  rows: Row[];
}

/** By case and pass, in the order of the rows. */
export function groupsOf(rows: readonly Row[]): Group[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const title = `${row.case}, ${row.pass}`;
    groups.set(title, [...(groups.get(title) ?? []), row]);
  }
  return [...groups].map(([title, grouped]) => ({ title, rows: grouped }));
}
