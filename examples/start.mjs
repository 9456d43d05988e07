import { OWN_PROCESS } from '../bench/headers.mjs';
import { giveUp, installPackages, optionsOf, root } from '../test/setup/install.mjs';
import { PAGES } from './pages.mjs';

/** `npm start`: serves the pages of this folder, and opens the first where there is a display. */

const options = optionsOf({ port: { type: 'string', default: '5173' }, host: { type: 'string' } });
const port = Number(options.port);
if (!/^\d+$/.test(options.port) || port > 65_535) giveUp(`--port ${options.port}: give a whole number up to 65535.`);
installPackages();
const { createServer } = await import('vite');

const display = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
const server = await createServer({
  root,
  configFile: `${root}/vite.config.ts`,
  server: {
    port,
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
