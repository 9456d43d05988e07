import { describe } from 'vitest';
import { isWindowsThere } from '../setup/wine.ts';
import { testCalls, testFusedCalls } from './calls.ts';

/** Only here are shaders compiled for Direct3D, by Microsoft's FXC, which refuses what no other compiler does: a barrier of which it cannot tell that all reach it. */
describe.skipIf(!isWindowsThere())('in Node for Windows, by Direct3D 12', () => {
  testCalls('windows');
  testFusedCalls('windows');
});
