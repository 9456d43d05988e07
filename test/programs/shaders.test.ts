import { expect, it, vi } from 'vitest';
import { rmsNormDefinition } from '../../src/norms/rms-norm.ts';
import { scaleNormDefinition } from '../../src/norms/scale-norm.ts';
import { MULTIPLIERS } from '../../src/options/activation.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { Pass, Plan } from '../../src/plan/plan.ts';
import { sourceOf } from '../../src/programs/source.ts';
import { everyBackward, HARDWARE, SOFTWARE, SUBGROUPS } from '../plan/every-plan.ts';
import { DEFINITIONS, described, everyProblem, quantizedProblems, state } from '../plan/every-problem.ts';

const problems = [
  ...everyProblem(),
  ...quantizedProblems(),
  state(scaleNormDefinition, [4, 8], { weight: described([1]) }),
];

it.each(Object.entries(DEFINITIONS))(
  'links calls of %s with the files that its definition brings, and gradients with theirs',
  async (op, definition) => {
    // Modules that nothing has added files to.
    vi.resetModules();
    const { addShaders, GRADIENT_SHADERS, shaders } = await import('../../src/programs/shaders.ts');
    const { programKey, sourceOf } = await import('../../src/programs/source.ts');
    const linkAll = (plans: readonly Plan[]): void => {
      const passes = plans.flatMap((plan) => plan.passes.map((pass): [string, Pass] => [programKey(pass), pass]));
      for (const pass of new Map(passes).values()) expect(sourceOf(pass)).toContain('fn main');
    };
    const profiles = [SOFTWARE, HARDWARE, SUBGROUPS];
    const of = problems.filter((problem) => problem.op === op);
    expect(shaders.has('kernels/normalize')).toBe(true);
    expect(shaders.has('output/quantized')).toBe(false);
    addShaders(...(definition.shaders ?? []));
    linkAll(profiles.flatMap((profile) => of.map((problem) => planForward(problem, profile))));
    expect(shaders.has('output/quantized')).toBe(of[0]!.quantization !== null);
    expect(shaders.has('kernels/row_gradients')).toBe(false);
    if (of[0]!.quantization) return;
    addShaders(GRADIENT_SHADERS);
    linkAll(profiles.flatMap((profile) => everyBackward(profile, of).map(({ plan }) => plan)));
  },
  60_000,
);

it('imports no file of few calls into one of all', async () => {
  vi.resetModules();
  const { shaders } = await import('../../src/programs/shaders.ts');
  const { importsOf, PASS_MODULE } = await import('../../src/programs/link.ts');
  for (const [name, text] of shaders) {
    for (const { module } of importsOf(text)) {
      expect(module === PASS_MODULE || shaders.has(module), `${module}, which ${name} imports`).toBe(true);
    }
  }
});

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
