import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

/** Starts a server of the repository, which does not reload pages when a file changes. */
export async function startServer() {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const server = await createServer({
    root,
    configFile: `${root}/vite.config.ts`,
    logLevel: 'warn',
    server: { port: 0, hmr: false, watch: null },
  });
  await server.listen();
  return { url: server.resolvedUrls.local[0], close: async () => server.close() };
}
