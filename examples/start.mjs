import { installPackages, root } from '../test/setup/install.mjs';

/** `npm start`: serves the demo page, and opens it where there is a display. */

installPackages();
const { createServer } = await import('vite');

const option = (name) => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? undefined : process.argv[index + 1];
};
const display = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
const server = await createServer({
  root,
  configFile: `${root}/vite.config.ts`,
  server: {
    port: Number(option('port') ?? 5173),
    host: option('host'),
    open: display && !process.env['CI'] ? '/examples/demo/' : false,
  },
});
await server.listen();
for (const url of [...(server.resolvedUrls?.local ?? []), ...(server.resolvedUrls?.network ?? [])]) {
  console.log(`Demo page: ${url}examples/demo/`);
}
console.log('Press Ctrl+C to stop.');
