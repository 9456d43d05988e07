import { closeSync, existsSync, openSync, rmSync } from 'node:fs';

/**
 * Finds out whether results can be written to a file, before any are measured; what is in it stays.
 *
 * @throws Error with one line, where they cannot.
 */
export function checkWritable(file: string): void {
  const isNew = !existsSync(file);
  try {
    closeSync(openSync(file, 'a'));
  } catch (cause) {
    throw new Error(`--json ${file}: it cannot be written (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
  if (isNew) rmSync(file);
}
