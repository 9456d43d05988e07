import { isHalf, perWord, sharesWord } from '../problem/dtype.ts';
import type { Dtype } from '../problem/dtype.ts';
import type { ArrayName } from '../problem/arrays.ts';
import type { Digit, IndexMap } from '../plan/tiling/index-map.ts';
import { isDivided } from '../plan/tiling/index-map.ts';
import { isWritten } from '../plan/plan.ts';
import type { Pass } from '../plan/plan.ts';
import { mapOf } from '../plan/tiling/access-width.ts';
import { declareAccess, elementTypeOf } from './accessors.ts';
import { declareNumbers, digitName } from './call-uniform.ts';
import { shaders } from './shaders.ts';

/** Numbers that mean nothing to a pass that does not give them. */
const NUMBERS: Record<string, number> = { LEAST_TRACKED: 1 };

/** The WGSL of a pass's own declarations: its uniform, what it binds, and of the rest what the files import from it. */
export function declarePass(pass: Pass, names: ReadonlySet<string>, specialized: boolean): string {
  const accesses = [...names].map((name) => declareAccess(name, pass)).filter((access) => access !== null);
  const maps = new Set(pass.bindings.flatMap(({ name }) => mapOf(name, pass.maps) ?? []));
  for (const name of names) {
    const map = /^(\w+)_offset$/.exec(name)?.[1];
    if (map !== undefined && pass.maps[map]) maps.add(map);
  }
  if (names.has('position_from')) maps.add('position');
  const parts = [
    'import package::vector::scalar::{Value, Accumulator, narrowed, widened};',
    `import package::tail::exact::{is_stored${pass.choose.tail === 'column' ? ', lane_within' : ''}};`,
    ...([...maps].some((name) => isDivided(pass.maps[name]!)) ? ['import package::math::quotient::{quotient};'] : []),
    ...([...maps].some((name) => pass.maps[name]!.element.some(({ row }) => row))
      ? ['import package::math::sequences::{row_at};']
      : []),
    ...storageImports(pass),
    ...(pass.bindings.some(({ native }) => native) ? ['enable f16;'] : []),
    declareNumbers(pass, specialized),
    ...pass.bindings.map(
      (binding, index) =>
        `@group(0) @binding(${index + 1}) var<storage, ${isWritten(binding) ? 'read_write' : 'read'}> ` +
        `${binding.name}: array<${elementTypeOf(binding, pass)}>;`,
    ),
    // The files that convert halves and divide counters need one more each.
    ...[...new Set([...names, 'AT_ONCE', 'BY_RECIPROCAL'])]
      .filter((name) => /^[A-Z][A-Z_]+$/.test(name))
      .map((name) => declareConstant(name, pass)),
    ...[...maps].map((name) => declareMap(name, pass.maps[name]!)),
    ...accesses,
    ...(names.has('position_from') ? [declarePosition(pass)] : []),
    ...(names.has('multiplier') ? [activationAs('multiplier', pass)] : []),
    ...(names.has('curve') ? [activationAs('curve', pass)] : []),
    ...(names.has('rounded_to_x') ? [declareRounding(pass)] : []),
    ...(names.has('load_halves') || names.has('packed') ? [declareConversion(pass)] : []),
  ];
  return importsFirst(parts.join('\n'));
}

/** An activation that is declared under another name brings imports of its own, which belong before all else. */
function importsFirst(text: string): string {
  const imports = /^import .*;\n/gm;
  return [...new Set(text.match(imports))].join('') + text.replaceAll(imports, '');
}

/** The files that convert what a pass binds, or rounds to. */
function storageImports({ bindings, rounding }: Pass): string[] {
  const dtypes = [...bindings.map(({ dtype = 'f32' }) => dtype), rounding ?? 'f32'];
  const packed = new Set(dtypes.filter(sharesWord));
  return [...packed].map((dtype) => `import package::storage::${dtype}::{${conversions(dtype).join(', ')}};`);
}

/** Conversions of a dtype; what kernels never read they need not unpack. */
function conversions(dtype: Dtype): string[] {
  return [...(isHalf(dtype) ? [`unpacked_${dtype}`] : []), `packed_${dtype}`, `single_${dtype}`];
}

/** A flag that the pass leaves out is false. */
function declareConstant(name: string, { bindings, constants, same }: Pass): string {
  const array = /^HAS_(\w+)$/.exec(name)?.[1]?.toLowerCase() as ArrayName | undefined;
  const value = array
    ? bindings.some((binding) => binding.name === array) || same?.[array] !== undefined
    : (constants[name] ?? NUMBERS[name] ?? false);
  return `const ${name} = ${typeof value === 'number' ? `${value}u` : value};`;
}

/** A map as WGSL: each counter is taken apart digit by digit. */
function declareMap(name: string, { group, element }: IndexMap): string {
  const [ofGroup, ofElement] = [writeDigits(name, 'group', group), writeDigits(name, 'element', element)];
  const terms = [...ofGroup.terms, ...ofElement.terms].join(' + ') || '0u';
  const body = [...ofGroup.quotients, ...ofElement.quotients, `return ${terms};`].join(' ');
  return `fn ${name}_offset(group: u32, element: u32) -> u32 { ${body} }`;
}

function writeDigits(
  map: string,
  counter: 'group' | 'element',
  digits: readonly Digit[],
): { quotients: string[]; terms: string[] } {
  const quotients: string[] = [];
  let rest: string = counter;
  const divide = (field: string, part: 'skip' | 'size'): string => {
    const quotient = `${field}_${part}`;
    quotients.push(`let ${quotient} = quotient(${rest}, shape.${field}_${part}, shape.${field}_inv_${part});`);
    return quotient;
  };
  const terms = digits.map(({ skip, size, stride, row, most }, index) => {
    const field = digitName(map, counter, index);
    if (skip !== 1) rest = divide(field, 'skip');
    let digit = rest;
    if (size !== null) {
      rest = divide(field, 'size');
      digit = `(${digit} - ${rest} * shape.${field}_size)`;
    }
    if (row) digit = `row_at(group, ${digit})`;
    const scaled = stride === 1 ? digit : `${digit} * shape.${field}_stride`;
    return most === undefined ? scaled : `min(${scaled}, shape.${field}_most)`;
  });
  return { quotients, terms };
}

/** The position of an element in its group, from another on: as f32 itself would not be exact beyond 2^24. */
function declarePosition({ choose, constants }: Pass): string {
  const lanes = (choose.vector ?? 'scalar') === 'scalar' ? '0.0' : 'vec4f(0.0, 1.0, 2.0, 3.0)';
  const { POSITION_SCALE: scale, POSITION_STEP: step } = constants;
  const first = `f32(i32(position_offset(group, element) * ${Number(scale)}u - start))`;
  return `fn position_from(start: u32, group: u32, element: u32) -> Value { return Value(${first}) + ${Number(step)}.0 * ${lanes}; }`;
}

/**
 * An activation under another name: what a factor goes through, or x where nothing is measured, beside what z does. All that its file declares is
 * renamed, for z may go through the same file.
 */
function activationAs(name: 'multiplier' | 'curve', { choose }: Pass): string {
  const text = shaders.get(`activation/${choose[name] ?? 'identity'}`)!;
  const names = new Map([...text.matchAll(/^(?:fn|const|struct) (\w+)/gm)].map(([, own]) => [own, `${name}_${own}`]));
  names.set('activation', name).set('activation_gradient', `${name}_gradient`);
  return text.replaceAll(/\w+/g, (word) => names.get(word) ?? word);
}

/** A number as x would hold it. A zero that arrives at run time stands between packing and unpacking: one compiler takes the two for nothing. */
function declareRounding({ rounding: dtype = 'f32' }: Pass): string {
  const zero = dtype === 'f16' ? ' ^ vec2u(call.zero)' : '';
  const rounded = isHalf(dtype) ? `narrowed(unpacked_${dtype}(packed_${dtype}(widened(value))${zero}))` : 'value';
  return `fn rounded_to_x(value: Value) -> Value { return ${rounded}; }`;
}

/** Numbers that share words, one at a time and a word of them. */
function declareConversion({ bindings }: Pass): string {
  const { dtype = 'f32' } = bindings.find(({ name }) => name === 'halves')!;
  return [
    `fn load_halves(index: u32) -> f32 { return single_${dtype}(halves[index / ${perWord(dtype)}u], index); }`,
    `fn packed(value: vec4f) -> u32 { return packed_${dtype}(value)${isHalf(dtype) ? '.x' : ''}; }`,
  ].join('\n');
}
