import { describe, expect, it } from 'vitest';
import { planBackward } from '../../src/plan/backward.ts';
import { planForward } from '../../src/plan/forward.ts';
import { planMoments } from '../../src/plan/moments.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Profile } from '../../src/plan/profile.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { uniformBytes } from '../../src/programs/call-uniform.ts';
import { programKey, sourceOf } from '../../src/programs/source.ts';
import { UNIFORM_SLOT } from '../../src/runtime/uniform-arena.ts';
import { NO_NUMBERS } from '../../src/plan/uniforms.ts';
import { Random } from '../gpu/support/random.ts';
import { CHANGING_CALLS, CHANGING_CALLS_FORWARD, MEASURED, TABLE } from './changing-calls.ts';
import type { Call, Sizes } from './changing-calls.ts';
import { everyOutputs, everyPlan, HARDWARE, SOFTWARE, SUBGROUPS } from './every-plan.ts';

/** Programs belong to a kind of call and a class of length, never to a shape: however many shapes come, there are a few. */

const PROFILES: Record<string, Profile> = {
  'a software adapter': { ...SOFTWARE, subgroup: 4 },
  'a GPU': HARDWARE,
  'a GPU with subgroups': SUBGROUPS,
  'a phone': { ...HARDWARE, parallel: 1 << 14, held: 8 },
};

/** Sizes that loads of four elements divide, which is a kind of its own, or do not; or as they come. */
const ALIGNMENTS: Record<'in fours' | 'odd' | 'any', (size: number) => number> = {
  'in fours': (size) => Math.ceil(size / 4) * 4,
  odd: (size) => size | 1,
  any: (size) => size,
};

/** Programs of a forward call, and as many of its gradient: those of whole groups, of parts, of their merge, and of the result. */
const MOST = 4;

interface Limits {
  forward?: number;
  backward?: number;
}

/** Calls that take more, and why. */
const MORE: Record<string, Limits> = {
  // Halves that share words: where four do not divide a row, a pass packs them, and one packs their parameters' gradients.
  'LayerNorm bf16 [16,l]': { forward: 5, backward: 5 },
  'RMSNorm f16 [16,l]': { forward: 5, backward: 6 },
  'InstanceNorm + ReLU f16 [3,5,h,w]': { forward: 5, backward: 5 },
  'BatchNorm f16 [b,8,h,w]': { forward: 5, backward: 5 },
  'GroupNorm + SiLU bf16 [2,64,h,w]': { forward: 5, backward: 5 },
  'GroupNorm + SiLU f16 NHWC [2,h,w,320]': { backward: 5 },
  // Rows of all classes of length on a GPU: few loads held in registers, many, or none; and backward those that are read once and those that are not.
  'LayerNorm [n,l]': { forward: 5, backward: 5 },
  'RMSNorm partial [n,l]': { forward: 5, backward: 6 },
  'normalize l2 [n,l]': { forward: 5, backward: 6 },
  'normalize linf [n,l]': { forward: 5, backward: 6 },
  'InstanceNorm [b,c,l]': { forward: 5, backward: 6 },
  // Few samples and many, short and long, whole and in parts, on a software adapter.
  'LayerNorm CHW weighted [b,3,h,w]': { forward: 5 },
  // The same, by how many lanes have a scale.
  'rmsNormQuantized [n,l]': { forward: 8 },
  // Passes of their own: of a style, which is measured as a tensor is whose moments are kept; of norms over channels; of two pairs of weight and bias.
  'AdaIN [1,16,h,w]': { forward: 5, backward: 5 },
  'GRN NHWC [2,h,w,48]': { backward: 6 },
  'GRN [2,48,h,w]': { forward: 6, backward: 6 },
  'GroupNorm modulated [b,64,h,w]': { forward: 7, backward: 6 },
  'GroupNorm modulated f16 [b,64,h,w]': { forward: 8, backward: 7 },
  'InstanceNorm meanScale [1,32,h,w]': { backward: 6 },
  'RMSNorm rotated [1,n,8,64]': { backward: 5 },
};

/** What plans a pass of calls. */
type Planner = (problem: Problem, profile: Profile) => Plan;

const PLANNERS: Record<'forward' | 'backward', Planner> = {
  forward: (problem, profile) => (problem.measure === 'variance' ? planMoments : planForward)(problem, profile),
  backward: (problem, profile) =>
    planBackward(problem, { outputs: everyOutputs(problem)[0]!, sums: 'own', dresidualOut: false }, profile),
};

/** What shapes are drawn from, the same in each run: which classes of length are among the first thirty is chance. */
const SEED = 7;

/** Programs that calls on so many shapes take, each by the number of the shape that was the first to need it. */
function programsOf(
  call: Call,
  plan: Planner,
  profile: Profile,
  { aligned, shapes }: { aligned: (size: number) => number; shapes: number },
): Map<string, number> {
  const random = new Random(SEED);
  const between = (least: number, most: number): number => least + Math.floor(random.uniform() * (most - least + 1));
  const found = new Map<string, number>();
  for (let shape = 1; shape <= shapes; shape++) {
    const sizes: Sizes = {
      // Three rows or fewer are a class of their own on a software adapter, where a subgroup takes each.
      n: between(4, 400),
      b: between(2, 16),
      h: aligned(between(8, 160)),
      w: aligned(between(8, 160)),
      l: aligned(between(8, 5000)),
      c: aligned(between(8, 300)),
    };
    for (const pass of plan(call(sizes), profile).passes) {
      const key = programKey(pass);
      if (!found.has(key)) found.set(key, shape);
    }
  }
  return found;
}

/** How many of them the first thirty shapes took. */
function ofFirst(programs: Map<string, number>): number {
  return [...programs.values()].filter((shape) => shape <= 30).length;
}

describe.each(Object.entries(PROFILES))('on %s', (_, profile) => {
  describe.each(['in fours', 'odd'] as const)('sizes %s', (alignment) => {
    const aligned = ALIGNMENTS[alignment];

    it.each(Object.keys(TABLE))('30 shapes need few programs, and 300 more none: %s', (name) => {
      for (const plan of Object.values(PLANNERS)) {
        const programs = programsOf(TABLE[name]!, plan, profile, { aligned, shapes: 330 });
        expect(programs.size).toBeLessThanOrEqual(MOST);
        expect(programs.size).toBe(ofFirst(programs));
      }
    });

    it.each(Object.entries(CHANGING_CALLS))('no shape needs more programs than told: %s', (name, call) => {
      const options = { aligned, shapes: 60 };
      const { forward = MOST, backward = MOST } = MORE[name] ?? {};
      expect(programsOf(call, PLANNERS.forward, profile, options).size).toBeLessThanOrEqual(forward);
      expect(programsOf(call, PLANNERS.backward, profile, options).size).toBeLessThanOrEqual(backward);
    });

    it.each(Object.entries({ ...CHANGING_CALLS_FORWARD, ...MEASURED }))(
      'the same of calls without a gradient: %s',
      (name, call) => {
        const programs = programsOf(call, PLANNERS.forward, profile, { aligned, shapes: 60 });
        expect(programs.size).toBeLessThanOrEqual(MORE[name]?.forward ?? MOST);
      },
    );
  });
});

it.each(Object.entries(TABLE))(
  'on a software adapter sizes as they come take no more, and 300 more none: %s',
  (_, call) => {
    for (const plan of Object.values(PLANNERS)) {
      const options = { aligned: ALIGNMENTS.any, shapes: 330 };
      const programs = programsOf(call, plan, PROFILES['a software adapter']!, options);
      expect(programs.size).toBeLessThanOrEqual(MOST);
      expect(programs.size).toBe(ofFirst(programs));
    }
  },
);

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
