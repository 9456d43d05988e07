import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/**
 * Bundles the benchmark for Node into one file that needs nothing but Node and Dawn:
 * `npx vite build -c bench/node.config.ts --outDir FOLDER` writes FOLDER/bench.mjs.
 */
export default defineConfig({
  logLevel: 'warn',
  ssr: { noExternal: true, external: ['webgpu'] },
  build: {
    target: 'node20',
    ssr: fileURLToPath(new URL('./node.ts', import.meta.url)),
    emptyOutDir: true,
    rollupOptions: { output: { entryFileNames: 'bench.mjs', codeSplitting: false } },
  },
});
