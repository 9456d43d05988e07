import { expect, it } from 'vitest';
import { planForward } from '../../src/plan/forward.ts';
import { importsOf, PASS_MODULE } from '../../src/programs/link.ts';
import { shaders } from '../../src/programs/shaders.ts';
import { sourceOf } from '../../src/programs/source.ts';
import { HARDWARE, SOFTWARE, SUBGROUPS } from '../plan/every-plan.ts';
import { everyProblem, quantizedProblems } from '../plan/every-problem.ts';

it('links forward calls without the files of gradients', () => {
  expect(shaders.has('kernels/normalize')).toBe(true);
  expect(shaders.has('kernels/row_gradients')).toBe(false);
  for (const [name, text] of shaders) {
    for (const { module } of importsOf(text)) {
      expect(module === PASS_MODULE || shaders.has(module), `${module}, which ${name} imports`).toBe(true);
    }
  }
  for (const profile of [SOFTWARE, HARDWARE, SUBGROUPS]) {
    for (const problem of [...everyProblem(), ...quantizedProblems()]) {
      for (const pass of planForward(problem, profile).passes) expect(sourceOf(pass)).toContain('fn main');
    }
  }
}, 60_000);
