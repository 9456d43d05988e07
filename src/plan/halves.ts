import type { Dtype } from '../problem/dtype.ts';
import type { Problem } from '../problem/problem.ts';
import { sizeOf } from '../problem/shape.ts';
import { isResult, ownsWords } from './accesses.ts';
import { invocations, makePass } from './pass.ts';
import type { Binding, Pass, Plan } from './plan.ts';
import type { Profile } from './profile.ts';

/**
 * Halves are stored two a word, and no two invocations may write one word. Where a pass stores them four at a time, aligned,
 * they own their words. Elsewhere a device with `shader-f16` stores f16 one by one; without, a pass writes f32 to scratch memory,
 * and a further one packs it.
 */
export function lowerHalves(plan: Plan, problem: Problem, profile: Profile): Plan {
  const scratch: Record<string, number> = {};
  const passes = plan.passes.flatMap((pass) => {
    const shared = pass.bindings.filter((binding) => binding.writes && !ownsWords(binding, pass));
    if (shared.length === 0) return [pass];
    const isNative = (binding: Binding): boolean => profile.f16 && binding.dtype === 'f16' && isResult(binding);
    const apart = shared.filter((binding) => !isNative(binding));
    const before: Pass[] = [];
    const after: Pass[] = [];
    for (const binding of apart) {
      const size = elementsOf(problem, binding.resource);
      const { resource, dtype, start = 0 } = binding;
      const half = { resource, dtype: dtype!, start, scratch: unpackedName(resource), size };
      scratch[half.scratch] = size * 4;
      if (isRead(binding, pass)) before.push(convertPass(profile, 'unpack', half));
      after.push(convertPass(profile, 'pack', half));
    }
    const bindings = pass.bindings.map((binding): Binding => {
      if (!shared.includes(binding)) return binding;
      return isNative(binding)
        ? { ...binding, native: true }
        : { ...binding, resource: unpackedName(binding.resource), dtype: 'f32', start: 0 };
    });
    return [...before, { ...pass, bindings }, ...after];
  });
  return { ...plan, scratch: { ...plan.scratch, ...scratch }, passes };
}

function unpackedName(resource: string): string {
  return `${resource}AsF32`;
}

/** Whether a pass reads what it writes. */
function isRead({ name }: Binding, { use }: Pass): boolean {
  return use[name] === 'add' || name === 'running_mean' || name === 'running_var';
}

/** How many elements a tensor of the call has. */
function elementsOf(problem: Problem, resource: string): number {
  const { style, weight, bias, gate, channels } = problem;
  if (resource === 'runningMean' || resource === 'runningVar') return channels;
  if (resource === 'dstyle') return sizeOf(style!.shape);
  const folded = problem.modulation;
  const operand = [weight, bias, gate, folded?.weight, folded?.bias].find(
    (one) => one && resource === `d${one.resource}`,
  );
  if (!operand) return sizeOf(problem.shape);
  const { kept, reduced } = operand.view;
  const along = [
    ...problem.kept.map((size, i) => (kept[i] ? size : 1)),
    ...problem.reduced.map((size, i) => (reduced[i] ? size : 1)),
  ];
  return sizeOf(along);
}

interface Half {
  resource: string;
  dtype: Dtype;
  start: number;
  scratch: string;
  size: number;
}

function convertPass(
  profile: Profile,
  kernel: 'pack' | 'unpack',
  { resource, dtype, start, scratch, size }: Half,
): Pass {
  const first = Math.floor(start / 2);
  const groups = kernel === 'pack' ? Math.ceil((start + size) / 2) - first : size;
  return makePass(profile, invocations(groups), {
    kernel,
    use: { vector: 'scalar' },
    bindings: [
      { name: 'source', resource: scratch, type: 'f32', writes: kernel === 'unpack' },
      { name: 'halves', resource, type: 'f32', dtype, writes: kernel === 'pack' },
    ],
    call: { total: size, plane: start, part_plane: first },
  });
}
