import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { minifiedShaders } from './shaders.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** All functions, layers and images as one minified module, for `<script type="module">`: dist/webgpu-norm.min.js. */
export default defineConfig({
  plugins: [minifiedShaders],
  build: {
    target: 'esnext',
    outDir: here('../dist'),
    emptyOutDir: false,
    modulePreload: false,
    sourcemap: true,
    rolldownOptions: {
      input: here('./one-file.ts'),
      preserveEntrySignatures: 'strict',
      output: { format: 'es', entryFileNames: 'webgpu-norm.min.js', codeSplitting: false },
    },
  },
});
