import { describe } from 'vitest';
import { testCalls, testFusedCalls } from './calls.ts';

describe('in Deno, where Naga compiles the shaders', () => {
  testCalls('deno');
  testFusedCalls('deno');
});
