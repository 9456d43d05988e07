import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Declarations name each other as the files that they are, `./errors.d.ts` rather than `./errors.ts`: Deno and JSR look for nothing else. */

const dist = fileURLToPath(new URL('../dist', import.meta.url));

for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.d.ts')) continue;
  const file = join(dist, name);
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/((?:from |import\()'\.[^']*?)(?:\.d)?\.ts'/g, "$1.d.ts'"));
}
