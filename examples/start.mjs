import { parseArgs } from 'node:util';
import { OWN_PROCESS } from '../bench/headers.mjs';
import { installPackages, root } from '../test/setup/install.mjs';

/** `npm start`: serves the pages of this folder and the benchmark's, and opens the first where there is a display. */

const { values: options } = parseArgs({ options: { port: { type: 'string' }, host: { type: 'string' } } });
installPackages();
const { createServer } = await import('vite');

const display = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
const server = await createServer({
  root,
  configFile: `${root}/vite.config.ts`,
  server: {
    port: Number(options.port ?? 5173),
    host: options.host,
    headers: OWN_PROCESS,
    open: display && !process.env['CI'] ? '/examples/axes/' : false,
  },
});
await server.listen();
for (const url of [...(server.resolvedUrls?.local ?? []), ...(server.resolvedUrls?.network ?? [])]) {
  console.log(`Which elements share statistics: ${url}examples/axes/`);
  console.log(`Demo page: ${url}examples/demo/`);
  console.log(`Training with it: ${url}examples/train/`);
  console.log(`Two pages, one network: ${url}examples/sync/`);
  console.log(`Between two sessions of ONNX Runtime: ${url}examples/onnx/`);
  console.log(`A picture, as a vision model takes it: ${url}examples/images/`);
  console.log(`A model of TensorFlow.js: ${url}examples/tfjs/`);
  console.log(`How fast, on your GPU: ${url}bench/report/`);
}
console.log('Press Ctrl+C to stop.');
