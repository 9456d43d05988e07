import { describe, expect, it } from 'vitest';
import { batchNormDefinition } from '../../src/norms/batch-norm.ts';
import { groupNormDefinition } from '../../src/norms/group-norm.ts';
import { instanceNormDefinition } from '../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { planForward } from '../../src/plan/forward.ts';
import { planBackward } from '../../src/plan/backward.ts';
import type { Profile } from '../../src/plan/profile.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { programKey } from '../../src/programs/source.ts';
import { Random } from '../gpu/support/random.ts';
import { described, HARDWARE, SOFTWARE, stateForward, SUBGROUPS } from './every-plan.ts';

const channels = (count: number) => ({ weight: described([count]), bias: described([count]) });
const running = (count: number) => ({ runningMean: described([count]), runningVar: described([count]) });

/** Calls of one kind whose shape changes. */
const ROWS: Record<string, (h: number, w: number, n: number) => Problem> = {
  'LayerNorm [n,768]': (_h, _w, n) => stateForward(layerNormDefinition, [n, 768], channels(768)),
  'LayerNorm over C,H,W [2,16,h,w]': (h, w) => stateForward(layerNormDefinition, [2, 16, h, w], { axes: [1, 2, 3] }),
  'InstanceNorm [1,32,h,w]': (h, w) => stateForward(instanceNormDefinition, [1, 32, h, w], channels(32)),
  'GroupNorm + SiLU [1,64,h,w]': (h, w) =>
    stateForward(groupNormDefinition, [1, 64, h, w], { numGroups: 32, activation: 'silu', ...channels(64) }),
  'BatchNorm [n,32,16,16]': (_h, _w, n) =>
    stateForward(batchNormDefinition, [n, 32, 16, 16], { training: true, ...channels(32), ...running(32) }),
  'BatchNorm [4,32,h,w]': (h, w) =>
    stateForward(batchNormDefinition, [4, 32, h, w], { training: true, ...channels(32), ...running(32) }),
  'LayerNorm [16,c]': (h) => stateForward(layerNormDefinition, [16, 13 * h], channels(13 * h)),
  'InstanceNorm NHWC [2,h,w,32]': (h, w) =>
    stateForward(instanceNormDefinition, [2, h, w, 32], { layout: 'NHWC', ...channels(32) }),
};

const PROFILES: Record<string, Profile> = {
  software: { ...SOFTWARE, subgroup: 4 },
  hardware: HARDWARE,
  subgroups: SUBGROUPS,
};

describe('kinds of programs', () => {
  for (const [profileName, profile] of Object.entries(PROFILES))
    for (const [name, row] of Object.entries(ROWS))
      it(`${profileName} ${name}`, () => {
        for (const aligned of [true, false]) {
          const random = new Random(7);
          const keys = new Map<string, string>();
          const backward = new Set<string>();
          const counts: number[] = [];
          for (let i = 0; i < 330; i++) {
            let [h, w, n] = [
              8 + Math.floor(random.uniform() * (160 - 8 + 1)),
              8 + Math.floor(random.uniform() * (160 - 8 + 1)),
              1 + Math.floor(random.uniform() * (400 - 1 + 1)),
            ];
            if (aligned) {
              h = Math.ceil(h / 4) * 4;
              w = Math.ceil(w / 4) * 4;
            }
            const problem = row(h, w, n);
            for (const pass of planForward(problem, profile).passes) keys.set(programKey(pass), `${h} ${w} ${n}`);
            for (const pass of planBackward(
              problem,
              {
                outputs: { dx: 'write', ...(problem.weight ? { dweight: 'write', dbias: 'write' } : {}) },
                sums: 'own',
                dresidualOut: false,
              },
              profile,
            ).passes)
              backward.add(programKey(pass));
            if (i === 29 || i === 329) counts.push(keys.size, backward.size);
          }
          console.log(
            profileName.padEnd(10),
            name.padEnd(34),
            aligned ? 'aligned' : 'mixed  ',
            'forward, backward after 30, 330:',
            counts.join(' '),
          );
          if (process.env['SHOW'] && name.includes(process.env['SHOW']))
            console.log([...keys].map(([k, s]) => s + ' ' + k).join('\n'));
        }
        expect(1).toBe(1);
      });
});
