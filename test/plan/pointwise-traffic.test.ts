import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { dynamicErfDefinition } from '../../src/norms/dynamic-erf.ts';
import { globalResponseNormDefinition } from '../../src/norms/global-response-norm.ts';
import { planBackward } from '../../src/plan/backward.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { HARDWARE } from './every-plan.ts';
import { described, stateForward } from './every-problem.ts';
import { trafficOf } from './traffic.ts';

/** What DyT, Derf and GRN read and write of arrays as large as x, as docs/traffic.md has it. */

const lines = readFileSync(new URL('../../docs/traffic.md', import.meta.url), 'utf8').split('\n');
const affine = (size: number) => ({ weight: described([size]), bias: described([size]) });
const pointwise = { alpha: described([1]), inputShift: described([1]) };
const CALLS: Record<string, Problem> = {
  'DyT, Derf': stateForward(dynamicErfDefinition, [8, 256, 1024], { pointwise, ...affine(1024) }),
  'GRN, NCHW and NHWC': stateForward(globalResponseNormDefinition, [8, 64, 32, 32], affine(64)),
};
const NHWC = stateForward(globalResponseNormDefinition, [8, 32, 32, 64], { layout: 'NHWC', ...affine(64) });

function told(problem: Problem): string {
  const parameters = problem.alpha ? ({ dalpha: 'write', dinputShift: 'write' } as const) : {};
  const outputs = { dx: 'write', dweight: 'write', dbias: 'write', ...parameters } as const;
  const plans = [
    planForward(problem, HARDWARE),
    planBackward(problem, { outputs, sums: 'own', dresidualOut: false }, HARDWARE),
  ];
  const counted = plans.map((plan) => trafficOf(plan, problem));
  return counted.map(({ read, written }) => `${read / 4} + ${written / 4}`).join(' | ');
}

it.each(Object.entries(CALLS))('%s', (name, problem) => {
  expect(lines).toContain(`| ${name} | ${told(problem)} |`);
});

it('GRN channels last moves as much', () => {
  expect(told(NHWC)).toBe(told(CALLS['GRN, NCHW and NHWC']!));
});
