import { NormError } from '../../errors.ts';
import { arraySpec } from '../../problem/arrays.ts';
import type { ElementwiseName } from '../../problem/arrays.ts';
import { perWord, sharesWord } from '../../problem/dtype.ts';
import type { Dtype } from '../../problem/dtype.ts';
import { operandsOf } from '../../problem/problem.ts';
import type { Problem } from '../../problem/problem.ts';
import { sizeOf } from '../../problem/shape.ts';
import { isSameView, rowMajorView } from '../../problem/strides.ts';
import { isReadAndWritten, isWritten } from '../plan.ts';
import type { Binding, Pass, Plan } from '../plan.ts';
import type { Profile } from '../profile.ts';
import { isWhole } from '../tiling/access-width.ts';
import { makePass, oneInvocationEach } from './pass.ts';

/**
 * Halves are stored two a word, numbers of 8 bits four a word, and no two invocations may write one word. Where a pass stores them four at a time, aligned,
 * they own their words. Elsewhere a device with `shader-f16` stores f16 one by one; without, a pass writes f32 to scratch memory,
 * and a further one packs it.
 */
export function packHalves(plan: Plan, problem: Problem, profile: Profile): Plan {
  const scratch: Record<string, number> = {};
  const passes = plan.passes.flatMap((pass) => {
    const shared = pass.bindings.filter((binding) => isWritten(binding) && sharesWords(binding, pass));
    if (shared.length === 0) return [pass];
    const isNative = ({ name, dtype }: Binding): boolean =>
      profile.f16 && dtype === 'f16' && arraySpec(name).follows === 'x';
    const before: Pass[] = [];
    const after: Pass[] = [];
    for (const binding of shared.filter((one) => !isNative(one))) {
      const { resource, dtype, elementOffset = 0 } = binding;
      checkPacked(problem, binding);
      const size = elementsOf(problem, resource);
      const half = { resource, dtype: dtype!, elementOffset, wide: wideName(resource), size };
      scratch[half.wide] = size * 4;
      if (isReadAndWritten(binding)) before.push(unpack(profile, half));
      after.push(pack(profile, half));
    }
    const bindings = pass.bindings.map((binding): Binding => {
      if (!shared.includes(binding)) return binding;
      return isNative(binding)
        ? { ...binding, native: true }
        : { ...binding, resource: wideName(binding.resource), dtype: 'f32', elementOffset: 0 };
    });
    return [...before, { ...pass, bindings }, ...after];
  });
  return { ...plan, scratch: { ...plan.scratch, ...scratch }, passes };
}

/** Resources that are called otherwise in shaders. */
const ELEMENTWISE_RESOURCES: Readonly<Record<string, ElementwiseName>> = { residualOut: 'residual_out' };

/** @throws NormError `limit` where what lies between the elements of a strided array shares words with them. */
function checkPacked(problem: Problem, { resource, dtype }: Binding): void {
  const view = problem.views[ELEMENTWISE_RESOURCES[resource] ?? (resource as ElementwiseName)];
  if (!view || isSameView(view, rowMajorView(problem))) return;
  throw new NormError(
    'limit',
    `${problem.op}: ${resource} holds ${dtype}, ${perWord(dtype!)} elements a word of 4 bytes, and is strided so that rows share words with what lies between ` +
      `them; its rows, strides and byteOffset must be multiples of four elements, or the tensor contiguous`,
  );
}

/** Whether two accesses to an array may share a word. */
function sharesWords(binding: Binding, pass: Pass): boolean {
  const { dtype = 'f32', native = false } = binding;
  return sharesWord(dtype) && !native && !isWhole(binding, pass);
}

function wideName(resource: string): string {
  return `${resource}AsF32`;
}

/** How many elements a tensor of the call has. */
function elementsOf(problem: Problem, resource: string): number {
  const { style, channels, modulation } = problem;
  if (resource === 'runningMean' || resource === 'runningVar') return channels;
  if (resource === 'dstyle') return sizeOf(style!.shape);
  const operands = [...operandsOf(problem).map(([, one]) => one), modulation?.weight, modulation?.bias];
  const operand = operands.find((one) => one && !one.isLikeX && resource === `d${one.resource}`);
  if (!operand) return sizeOf(problem.shape);
  const { kept, reduced } = operand.view;
  const along = [
    ...problem.kept.map((size, i) => (kept[i] ? size : 1)),
    ...problem.reduced.map((size, i) => (reduced[i] ? size : 1)),
  ];
  return sizeOf(along);
}

/** Halves of a tensor, and the f32 numbers that stand for them meanwhile. */
export interface Half {
  resource: string;
  dtype: Dtype;
  elementOffset: number;
  wide: string;
  size: number;
}

/** Rounds f32 numbers to what is stored, word by word. */
export function pack(profile: Profile, half: Half): Pass {
  const { dtype, elementOffset, size } = half;
  const words = (elements: number): number => elements / perWord(dtype);
  const first = Math.floor(words(elementOffset));
  return convert(profile, half, 'pack', Math.ceil(words(elementOffset + size)) - first);
}

/** Widens halves to f32 numbers. */
export function unpack(profile: Profile, half: Half): Pass {
  return convert(profile, half, 'unpack', half.size);
}

function convert(
  profile: Profile,
  { resource, dtype, elementOffset, wide, size }: Half,
  kernel: 'pack' | 'unpack',
  items: number,
): Pass {
  const unpacks = kernel === 'unpack';
  return makePass(profile, oneInvocationEach(items), {
    kernel,
    choose: { vector: 'scalar' },
    constants: unpacks ? {} : { PER_WORD: perWord(dtype) },
    bindings: [
      { name: 'wide', resource: wide, type: 'f32', access: unpacks ? 'write' : 'read' },
      { name: 'halves', resource, type: 'f32', dtype, access: unpacks ? 'read' : 'write' },
    ],
    uniforms: { group_count: size, element_offset: elementOffset },
  });
}
