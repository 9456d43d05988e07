import { basename, dirname } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';

/** Bundles an app's file as a module, with no options but what a module takes; webpack's minifier is slow, and left out. */
type Bundler = (input: string, output: string) => Promise<unknown>;

export const bundlers: Readonly<Record<string, Bundler>> = {
  Vite: async (input, output) =>
    vite({
      root: dirname(input),
      configFile: false,
      logLevel: 'warn',
      build: {
        target: 'esnext',
        outDir: dirname(output),
        emptyOutDir: false,
        rolldownOptions: { input, output: { entryFileNames: basename(output) } },
      },
    }),
  esbuild: async (input, output) =>
    esbuild({ entryPoints: [input], outfile: output, bundle: true, format: 'esm', minify: true }),
  Rollup: async (input, output) => {
    const bundle = await rollup({ input, plugins: [nodeResolve()] });
    await bundle.write({ file: output, inlineDynamicImports: true });
  },
  webpack: async (input, output) =>
    new Promise((resolve, reject) => {
      const file = { path: dirname(output), filename: basename(output), module: true };
      webpack(
        { mode: 'production', optimization: { minimize: false }, context: dirname(input), entry: input, output: file },
        (error, stats) => {
          if (error || stats!.hasErrors()) reject(error ?? new Error(stats!.toString()));
          else resolve(stats);
        },
      );
    }),
};
