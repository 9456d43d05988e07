import { expect, it, vi } from 'vitest';
import { rmsNormDefinition } from '../../src/norms/rms-norm.ts';
import { MULTIPLIERS } from '../../src/options/activation.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { sourceOf } from '../../src/programs/source.ts';
import { HARDWARE, SOFTWARE, SUBGROUPS } from '../plan/every-plan.ts';
import { described, state } from '../plan/every-problem.ts';

it('links forward calls without the files of gradients, and without those of quantized results where there are none', async () => {
  // Modules that no other test has added files to.
  vi.resetModules();
  const { planForward } = await import('../../src/plan/forward.ts');
  const { importsOf, PASS_MODULE } = await import('../../src/programs/link.ts');
  const { addQuantizedShaders, shaders } = await import('../../src/programs/shaders.ts');
  const { sourceOf } = await import('../../src/programs/source.ts');
  const { everyProblem, quantizedProblems } = await import('../plan/every-problem.ts');
  expect(shaders.has('kernels/normalize')).toBe(true);
  expect(shaders.has('kernels/row_gradients')).toBe(false);
  for (const [name, text] of shaders) {
    for (const { module } of importsOf(text)) {
      expect(module === PASS_MODULE || shaders.has(module), `${module}, which ${name} imports`).toBe(true);
    }
  }
  const linksAll = (problems: readonly Problem[]): void => {
    for (const profile of [SOFTWARE, HARDWARE, SUBGROUPS]) {
      for (const problem of problems) {
        for (const pass of planForward(problem, profile).passes) expect(sourceOf(pass)).toContain('fn main');
      }
    }
  };
  expect(shaders.has('output/quantized')).toBe(false);
  linksAll(everyProblem());
  addQuantizedShaders();
  linksAll(quantizedProblems());
}, 60_000);

it('declares no name twice, whatever a factor and the result go through', () => {
  for (const activation of MULTIPLIERS) {
    for (const through of MULTIPLIERS) {
      const multiply = { by: described([4, 8]), activation: through };
      for (const pass of planForward(state(rmsNormDefinition, [4, 8], { activation, multiply }), SOFTWARE).passes) {
        const declared = [...sourceOf(pass).matchAll(/^(?:fn|const|override) (\w+)/gm)].map(([, name]) => name!);
        expect(declared.length).toBeGreaterThan(0);
        expect([...declared].toSorted(), `${through}, then ${activation}`).toEqual([...new Set(declared)].toSorted());
      }
    }
  }
});
