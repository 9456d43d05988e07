import type { Pass } from '../plan/plan.ts';
import { isWhole } from '../plan/tiling/access-width.ts';
import { digitKind } from './call-uniform.ts';
import { declarePass } from './declare.ts';
import { folded } from './fold.ts';
import { link } from './link.ts';
import { reached } from './reach.ts';
import { shaders } from './shaders.ts';

/** The kind of call that a pass belongs to: all that its text depends on, and no size. */
export function programKey(pass: Pass): string {
  const { kernel, choose, constants, maps, rounding, bindings, same } = pass;
  const arrays = bindings.map((binding) => {
    const { name, type, dtype, native, elementOffset = 0, access } = binding;
    return [name, type, dtype, native, access, elementOffset !== 0, isWhole(binding, pass)];
  });
  const digits = Object.entries(maps).map(([name, { group, element }]) => [
    name,
    group.map(digitKind),
    element.map(digitKind),
  ]);
  // A flag that is false is one that is left out.
  const known = Object.entries(constants).filter(([, value]) => value !== false);
  return JSON.stringify([kernel, choose, known, digits, rounding, same, arrays]);
}

/** The whole WGSL text of a pass, the same for every shape. */
export function sourceOf(pass: Pass): string {
  return linked(pass, choicesOf(pass), false).replaceAll(/\bshape\./g, 'call.shape.');
}

/** The WGSL text of a pass whose shape is constant: a compiler divides by constants on its own. */
export function specializedSourceOf(pass: Pass): string {
  const specialized = specializedPass(pass);
  return linked(specialized, choicesOf(specialized), true);
}

/** A pass as its shape alone needs it: no more is held than there is, and few lanes exchange without what more would need. */
export function specializedPass(pass: Pass): Pass {
  const { constants, uniforms, choose } = pass;
  const { lanes: LANES, chunk } = uniforms;
  const HELD = Math.ceil(chunk / LANES);
  const isFew = choose.reduce === 'subgroups' && LANES <= Number(constants['SUBGROUP']);
  const reduce = LANES === 1 ? 'invocation' : isFew ? 'subgroup' : choose.reduce!;
  return {
    ...pass,
    choose: { ...choose, reduce, ...(uniforms.samples === 0 && { moments: 'corrected' }) },
    constants: {
      ...constants,
      BY_RECIPROCAL: false,
      LANES,
      ...('HELD' in constants && { HELD, HELD_BLOCK: HELD }),
      // One lane exchanges with none, in a subgroup of whatever size.
      ...(reduce === 'invocation' && { SUBGROUP_SIZE: 0 }),
    },
  };
}

function linked(pass: Pass, choices: Record<string, string>, specialized: boolean): string {
  const text = link(shaders, 'main', choices, (names) => declarePass(pass, names, specialized));
  const { AT_ONCE, HELD_BLOCK, SUBGROUP_SIZE = 0 } = pass.constants;
  const short = reached(folded((HELD_BLOCK ?? AT_ONCE) === 1 ? withoutLoops(text) : text));
  return withSubgroupSize(short, Number(SUBGROUP_SIZE));
}

/** Asks that subgroups have so many invocations, which takes `subgroup-size-control`; 0: as many as the driver takes. */
export function withSubgroupSize(text: string, size: number): string {
  if (size === 0) return text;
  return `enable subgroup_size_control;\n${text.replace('@compute', `@subgroup_size(${size}) @compute`)}`;
}

/** Loops over the loads that are there at once, of which there is one, and whether any lane has it: a GPU's compiler sees that, a software adapter's does not. */
function withoutLoops(text: string): string {
  return text
    .replaceAll(
      /for ?\(var (\w+) ?= ?0u; ?\w+ ?< ?(?:BLOCK|AFFINE); ?\w+(?:\+\+| ?\+= ?AFFINE)\) ?\{/g,
      '{ const $1 = 0u;',
    )
    .replaceAll(/if ?\(has_block\(\w+\)\) ?\{/g, '{');
}

/** The file of each folder of shaders that serves; kernels are a folder like the others. */
export function choicesOf({ kernel, choose }: Pass): Record<string, string> {
  return { kernels: kernel, ...choose };
}
