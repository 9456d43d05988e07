import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preview } from 'vite';
import type { TestProject } from 'vitest/node';
import { buildSite } from '../../examples/site.mjs';
import { startServer } from './vite-server.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** Below which the pages of `examples` are, as they are built for visitors. */
    siteUrl: string;
    /** Where the files of the repository are, as modules. */
    sourcesUrl: string;
  }
}

/** The site, built once for all files of a run: a page of it opens in half of the time that one of hundreds of modules takes. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outDir = mkdtempSync(join(tmpdir(), 'site-test-'));
  await buildSite(outDir);
  const site = await preview({
    root: outDir,
    base: '/some/where/',
    configFile: false,
    logLevel: 'error',
    build: { outDir },
    preview: { port: 0 },
  });
  project.provide('siteUrl', site.resolvedUrls!.local[0]!);
  const sources = await startServer();
  project.provide('sourcesUrl', sources.url!);
  return async () => {
    await Promise.all([site.close(), sources.close()]);
    rmSync(outDir, { recursive: true, force: true });
  };
}
