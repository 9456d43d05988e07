import { parseArgs } from 'node:util';
import { OWN_PROCESS } from '../bench/headers.mjs';
import { installPackages, root } from '../test/setup/install.mjs';
import { PAGES } from './pages.mjs';

/** `npm start`: serves the pages of this folder, and opens the first where there is a display. */

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
    open: display && !process.env['CI'] ? `/examples/${PAGES[0].folder}/` : false,
  },
});
await server.listen();
for (const url of [...(server.resolvedUrls?.local ?? []), ...(server.resolvedUrls?.network ?? [])]) {
  for (const { folder, shows } of PAGES) console.log(`${shows}: ${url}examples/${folder}/`);
}
console.log('Press Ctrl+C to stop.');
