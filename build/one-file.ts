export * from '../src/index.ts';
export * from '../src/layers/index.ts';
