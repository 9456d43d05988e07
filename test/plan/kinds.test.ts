import { describe, expect, it } from 'vitest';
import { adaptiveInstanceNormDefinition } from '../../src/norms/adaptive-instance-norm.ts';
import { batchNormDefinition } from '../../src/norms/batch-norm.ts';
import { globalResponseNormDefinition } from '../../src/norms/global-response-norm.ts';
import { groupNormDefinition } from '../../src/norms/group-norm.ts';
import { instanceNormDefinition } from '../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { rmsNormDefinition } from '../../src/norms/rms-norm.ts';
import { planBackward } from '../../src/plan/backward.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { GradientOutputs } from '../../src/plan/gradient-request.ts';
import type { Profile } from '../../src/plan/profile.ts';
import type { Dtype } from '../../src/problem/dtype.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { uniformBytes } from '../../src/programs/call-uniform.ts';
import { programKey, sourceOf } from '../../src/programs/source.ts';
import { UNIFORM_SLOT } from '../../src/runtime/uniform-arena.ts';
import { NO_NUMBERS } from '../../src/plan/uniforms.ts';
import { Random } from '../gpu/support/random.ts';
import { everyPlan, HARDWARE, SOFTWARE, SUBGROUPS } from './every-plan.ts';
import { described, stateForward } from './every-problem.ts';

/** Programs belong to a kind of call and a class of length, never to a shape: however many shapes come, there are a few. */

const channels = (count: number, dtype: Dtype = 'f32') => ({
  weight: described([count], dtype),
  bias: described([count], dtype),
});
const trained = (count: number) => ({
  training: true,
  runningMean: described([count]),
  runningVar: described([count]),
  ...channels(count),
});

/** A picture's sides, and rows of a batch. */
interface Sizes {
  h: number;
  w: number;
  n: number;
}

/** Calls whose shape changes. */
const CALLS: Record<string, (sizes: Sizes) => Problem> = {
  'LayerNorm [n,768]': ({ n }) => stateForward(layerNormDefinition, [n, 768], channels(768)),
  'LayerNorm over C,H,W [2,16,h,w]': ({ h, w }) =>
    stateForward(layerNormDefinition, [2, 16, h, w], { axes: [1, 2, 3] }),
  'InstanceNorm [1,32,h,w]': ({ h, w }) => stateForward(instanceNormDefinition, [1, 32, h, w], channels(32)),
  'GroupNorm + SiLU [1,64,h,w]': ({ h, w }) =>
    stateForward(groupNormDefinition, [1, 64, h, w], { numGroups: 32, activation: 'silu', ...channels(64) }),
  'InstanceNorm of sequences [h · w,32]': ({ h, w, n }) =>
    stateForward(instanceNormDefinition, [h * w, 32], { segments: described([n + 1], 'u32'), ...channels(32) }),
  'GroupNorm of sequences [h · w,32]': ({ h, w, n }) =>
    stateForward(groupNormDefinition, [h * w, 32], {
      numGroups: 8,
      segments: described([n + 1], 'u32'),
      ...channels(32),
    }),
  'BatchNorm [n,32,16,16]': ({ n }) => stateForward(batchNormDefinition, [n, 32, 16, 16], trained(32)),
  'BatchNorm [4,32,h,w]': ({ h, w }) => stateForward(batchNormDefinition, [4, 32, h, w], trained(32)),
};

/** Calls of which a plan has more passes, or whose rows or columns are of more classes of length; and how many programs they take at most. */
const OTHERS: Record<string, { call: (sizes: Sizes) => Problem; most: Record<'forward' | 'backward', number> }> = {
  'AdaIN [1,16,h,w]': {
    call: ({ h, w }) =>
      stateForward(adaptiveInstanceNormDefinition, [1, 16, h, w], { style: described([1, 16, h, w]) }),
    most: { forward: 5, backward: 5 },
  },
  'GRN NHWC [2,h,w,48]': {
    call: ({ h, w }) => stateForward(globalResponseNormDefinition, [2, h, w, 48], { layout: 'NHWC', ...channels(48) }),
    most: { forward: 5, backward: 6 },
  },
  'InstanceNorm + ReLU f16 [3,5,h,w]': {
    call: ({ h, w }) =>
      stateForward(instanceNormDefinition, [3, 5, h, w], { activation: 'relu', ...channels(5, 'f16') }, 'f16'),
    most: { forward: 5, backward: 5 },
  },
  'GroupNorm + SiLU f16 NHWC [2,h,w,320]': {
    call: ({ h, w }) =>
      stateForward(
        groupNormDefinition,
        [2, h, w, 320],
        { layout: 'NHWC', numGroups: 32, activation: 'silu', ...channels(320, 'f16') },
        'f16',
      ),
    most: { forward: 4, backward: 5 },
  },
  'BatchNorm NHWC [4,h,w,32]': {
    call: ({ h, w }) => stateForward(batchNormDefinition, [4, h, w, 32], { layout: 'NHWC', ...trained(32) }),
    most: { forward: 5, backward: 4 },
  },
  'BatchNorm [n + 1,64]': {
    call: ({ n }) => stateForward(batchNormDefinition, [n + 1, 64], trained(64)),
    most: { forward: 6, backward: 5 },
  },
  'RMSNorm of x + residual [n,w]': {
    call: ({ n, w }) =>
      stateForward(rmsNormDefinition, [n, w], { residual: described([n, w]), weight: described([w]) }),
    most: { forward: 5, backward: 4 },
  },
};

const PROFILES: Record<string, Profile> = {
  'a software adapter': { ...SOFTWARE, subgroup: 4 },
  'a GPU': HARDWARE,
  'a GPU with subgroups': SUBGROUPS,
  'a phone': { ...HARDWARE, parallel: 1 << 14, held: 8 },
};

/** Sides that loads of four elements divide, which is a kind of its own, or do not. */
const ALIGNMENTS: Record<string, (size: number) => number> = {
  'in fours': (size) => Math.ceil(size / 4) * 4,
  odd: (size) => size | 1,
};

/** Programs of a forward call, and as many of its gradient: those of whole groups, of parts, of their merge, and of the result. */
const MOST = 4;

/** Programs of the passes of forward calls and of their gradients, after 30 shapes and after 300 more. */
function programsOf(
  call: (sizes: Sizes) => Problem,
  profile: Profile,
  aligned: (size: number) => number,
): Record<'forward' | 'backward', number[]> {
  const random = new Random(7);
  const between = (least: number, most: number): number => least + Math.floor(random.uniform() * (most - least + 1));
  const [forward, backward] = [new Set<string>(), new Set<string>()];
  const counts = { forward: [] as number[], backward: [] as number[] };
  for (let shape = 1; shape <= 330; shape++) {
    const problem = call({ h: aligned(between(8, 160)), w: aligned(between(8, 160)), n: between(1, 400) });
    const outputs: GradientOutputs = { dx: 'write', ...(problem.weight && { dweight: 'write', dbias: 'write' }) };
    for (const pass of planForward(problem, profile).passes) forward.add(programKey(pass));
    const gradient = planBackward(problem, { outputs, sums: 'own', dresidualOut: false }, profile);
    for (const pass of gradient.passes) backward.add(programKey(pass));
    if (shape % 300 !== 30) continue;
    counts.forward.push(forward.size);
    counts.backward.push(backward.size);
  }
  return counts;
}

describe.each(Object.entries(PROFILES))('on %s', (_, profile) => {
  describe.each(Object.entries(ALIGNMENTS))('sides %s', (__, aligned) => {
    it.each(Object.entries(CALLS))('30 shapes need few programs, and 300 more none: %s', (name, call) => {
      const { forward, backward } = programsOf(call, profile, aligned);
      for (const [afterFew, afterAll] of [forward, backward]) {
        expect(afterFew).toBeLessThanOrEqual(MOST);
        // Of how many chunks a sequence has, and so whether those are merged, its number decides: few first shapes may lack it.
        if (name.includes('sequences')) expect(afterAll).toBeLessThanOrEqual(MOST);
        else expect(afterAll).toBe(afterFew);
      }
    });

    it.each(Object.entries(OTHERS))('330 shapes need no more programs than told: %s', (___, { call, most }) => {
      const { forward, backward } = programsOf(call, profile, aligned);
      expect(forward[1]).toBeLessThanOrEqual(most.forward);
      expect(backward[1]).toBeLessThanOrEqual(most.backward);
    });
  });
});

describe('a kind of call', () => {
  const passes = everyPlan().flatMap(({ plan }) => plan.passes);

  it('has one text, whatever its shape', () => {
    const texts = new Map<string, string>();
    for (const pass of passes) {
      const key = programKey(pass);
      const text = sourceOf(pass);
      expect(texts.get(key) ?? text).toBe(text);
      texts.set(key, text);
    }
  }, 60_000);

  it('has no more numbers than a slot of the arena of uniforms holds', () => {
    const most = Math.max(...passes.map((pass) => uniformBytes(pass, NO_NUMBERS).byteLength));
    expect(most).toBeLessThanOrEqual(UNIFORM_SLOT);
  });
});
