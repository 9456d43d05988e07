export * from '../src/images/index.ts';
export * from '../src/index.ts';
export * from '../src/layers/index.ts';
