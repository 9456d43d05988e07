import { writeFileSync } from 'node:fs';
import { checkWritable } from '../terminal/writable.ts';
import { openDriver } from './driver.ts';
import { inspect } from './inspect.ts';
import { casesNamed } from './cases.ts';
import { HELP, readIsaOptions } from './options.ts';
import { Refusal } from './refusal.ts';
import { LEGEND, tableText } from './table.ts';

function refuseUnwritable(file: string): void {
  try {
    checkWritable(file);
  } catch (cause) {
    throw new Refusal((cause as Error).message, { cause });
  }
}

/** `npm run isa`, as a function of its arguments: prints a table, or one line that says why not; returns the exit status. */
export async function main(given: readonly string[]): Promise<number> {
  try {
    const options = readIsaOptions(given);
    if (options.help) {
      console.log(HELP);
      return 0;
    }
    casesNamed(options.only ?? [], options.dtypes);
    if (options.json !== undefined) refuseUnwritable(options.json);
    const driver = await openDriver(undefined, undefined, console.error);
    const rows = await inspect(options, driver);
    console.log(tableText(rows));
    const programs = options.general ? 'programs for any shape' : 'programs for one shape alone';
    console.log(`\n${options.family}, plans of ${options.profile}, ${programs}.\n${LEGEND}`);
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ ...options, rows }, null, 1)}\n`);
    return 0;
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : String(cause));
    return cause instanceof Refusal ? 2 : 1;
  }
}
