import type { Library } from './library.ts';
import type { OWN_NAMES } from './names.ts';

/** A library by name; what it needs is fetched only where it takes part. */
export interface Listed {
  name: string;
  load(): Promise<Library>;
}

const LOADERS: Record<(typeof OWN_NAMES)[number], Listed['load']> = {
  copy: async () => (await import('./copy.ts')).copy,
  'copy-buffer': async () => (await import('./copy-buffer.ts')).copyBuffer,
  'webgpu-norm': async () => (await import('./norm.ts')).norm,
  textbook: async () => (await import('./textbook.ts')).textbook,
  bare: async () => (await import('./bare.ts')).bare,
};

/** Those on our own device, which need no browser. */
export const OWN: readonly Listed[] = Object.entries(LOADERS).map(([name, load]) => ({ name, load }));
