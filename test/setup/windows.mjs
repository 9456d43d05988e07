import { appendFileSync } from 'node:fs';
import { create, globals } from 'webgpu';

/** What Node for Windows begins with in Wine: WebGPU by Direct3D 12, and a console that writes to the file `PRINTED`, as Wine has no pipes that Node can write to. */

const print = (...words) => appendFileSync(process.env.PRINTED, `${words.join(' ')}\n`);
console.log = print;
console.error = print;
console.warn = print;
process.on('uncaughtException', (error) => {
  print(error.stack);
  process.exit(1);
});

const gpu = create(['backend=d3d12']);
Object.assign(globalThis, globals);
Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
