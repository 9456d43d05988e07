import { isWritten } from '../../src/plan/plan.ts';
import type { Pass } from '../../src/plan/plan.ts';
import type { Profile } from '../../src/plan/profile.ts';
import { sourceOf, specializedPass, specializedSourceOf } from '../../src/programs/source.ts';
import { sizeOf } from '../cases/case.ts';
import type { IsaCase } from './cases.ts';
import type { Program } from './program.ts';
import { planOf } from './plans.ts';
import type { Direction } from './plans.ts';

/** The programs of our own call, in the order in which they run; `general`: the same for every shape. */
export function ownPrograms(of: IsaCase, direction: Direction, profile: Profile, general: boolean): Program[] {
  return planOf(of, direction, profile).passes.map((pass) => ({
    title: titleOf(general ? pass : specializedPass(pass)),
    code: general ? sourceOf(pass) : specializedSourceOf(pass),
    bindings: [{ type: 'uniform' }, ...pass.bindings.map(bufferOf)],
    elements: sizeOf(of.shape) / invocationsOf(pass),
  }));
}

/** A kernel, and how it shares out and holds what it reads. */
function titleOf({ kernel, choose: { reduce, tile } }: Pass): string {
  const held = tile === 'registers' ? [tile] : [];
  return [kernel, reduce ?? [], ...held].flat().join(' ');
}

function bufferOf(binding: Pass['bindings'][number]): GPUBufferBindingLayout {
  return { type: isWritten(binding) ? 'storage' : 'read-only-storage' };
}

function invocationsOf({ workgroups: [x, y], constants }: Pass): number {
  return x * y * Number(constants['WORKGROUP'] ?? 1);
}
