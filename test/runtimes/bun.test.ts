import { describe } from 'vitest';
import { testCalls } from './calls.ts';

describe('in Bun, whose WebGPU is Dawn by bun-webgpu', () => testCalls('bun'));
