import type { TestProject } from 'vitest/node';
import { startServer } from './vite-server.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** Below which the pages of `examples` are. */
    pagesUrl: string;
  }
}

/** A server of the pages for all files of a run: what it has made of a module for one of them it has for the others. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, close } = await startServer();
  project.provide('pagesUrl', `${url}examples/`);
  return close;
}
