import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Below which the pages of `examples` are. */
    pagesUrl: string;
  }
}

/** A server of the pages for all files of a run: what it has made of a module for one of them it has for the others. It does not reload pages when a file changes. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const server = await createServer({
    root,
    configFile: `${root}/vite.config.ts`,
    logLevel: 'warn',
    server: { port: 0, hmr: false, watch: null },
  });
  await server.listen();
  project.provide('pagesUrl', `${server.resolvedUrls!.local[0]!}examples/`);
  return async () => server.close();
}
