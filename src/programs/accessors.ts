import { ARRAYS, arraySpec } from '../problem/arrays.ts';
import type { ArrayName } from '../problem/arrays.ts';
import { isHalf, sharesWord } from '../problem/dtype.ts';
import { countsFours, isWhole, mapOf, widthOf } from '../plan/tiling/access-width.ts';
import type { Binding, Pass } from '../plan/plan.ts';
import { startName } from './call-uniform.ts';

/**
 * How kernels load from arrays and store to them, as WGSL: `load_x(group, element)`, `store_y(group, element, value)`. An access is to one
 * element or to four neighbours, of an array that keeps them as f32, as halves of words or as counts. Of an array that a pass does not
 * bind a load gives what changes nothing, and a store does nothing.
 */

const LANES = ['x', 'y', 'z', 'w'];

/** The WGSL type of an array's elements. */
export function elementTypeOf(binding: Binding, pass: Pass): string {
  const { type, dtype = 'f32', native = false } = binding;
  const whole = isWhole(binding, pass);
  if (native) return 'f16';
  if (dtype === 'i8') return 'u32';
  if (isHalf(dtype)) return whole ? 'vec2u' : 'u32';
  if (dtype === 'u32') return whole ? 'vec4u' : 'u32';
  return widthOf(binding, pass) === 4 && !whole ? 'f32' : type;
}

/** How the accesses to an array that is reached in some way are told which element: their parameters, and the types of what is loaded and stored. */
const SIGNATURES = {
  element: { parameters: 'group: u32, element: u32', loaded: 'Value', stored: 'Value' },
  group: { parameters: 'index: u32', loaded: 'Accumulator', stored: 'Accumulator' },
  plane: { parameters: 'plane: u32, index: u32', loaded: 'f32', stored: 'Accumulator' },
  count: { parameters: 'index: u32', loaded: 'u32', stored: 'u32' },
  table: { parameters: 'index: u32', loaded: 'Value', stored: 'Value' },
} as const;

/** `load_x` or `store_x`, which some file imports; null where no array is named so. */
export function declareAccess(name: string, pass: Pass): string | null {
  const [, verb, array] = /^(load|store)_(\w+)$/.exec(name) ?? [];
  if (array === undefined || !Object.hasOwn(ARRAYS, array)) return null;
  const spec = arraySpec(array as ArrayName);
  if (spec.indexing === 'raw') return null;
  const { parameters, loaded, stored } = SIGNATURES[spec.indexing];
  const twin = pass.same?.[array as ArrayName];
  const binding = pass.bindings.find((one) => one.name === (twin ?? array));
  const loads = verb === 'load';
  if (!binding) {
    return loads
      ? `fn ${name}(${parameters}) -> ${loaded} { return ${loaded}(${spec.absent ?? 0}); }`
      : `fn ${name}(${parameters}, value: ${stored}) {}`;
  }
  // Of what is reached by group or element a single number is for all lanes.
  const type = spec.indexing === 'element' || spec.indexing === 'group' ? loaded : binding.type;
  const offset = `let offset = ${offsetOf(binding, pass)};`;
  if (loads) return `fn ${name}(${parameters}) -> ${type} { ${offset} return ${type}(${loadedValue(binding, pass)}); }`;
  const added =
    binding.access === 'accumulate' ? `let value = ${type}(${loadedValue(binding, pass)}) + new_value; ` : '';
  const parameter = added === '' ? 'value' : 'new_value';
  return `fn ${name}(${parameters}, ${parameter}: ${type}) { ${offset} ${added}${storing(binding, type, pass)} }`;
}

/** An offset in what the array is of: its elements, or fours of them. */
function offsetOf(binding: Binding, pass: Pass): string {
  const { name, elementOffset = 0 } = binding;
  const { indexing, plane } = arraySpec(name);
  const [four, whole] = [countsFours(binding, pass), isWhole(binding, pass)];
  const counted = {
    element: () => `${mapOf(name, pass.maps)}_offset(group, element)`,
    group: () => (widthOf(binding, pass) === 4 && !four ? 'index * 4u' : 'index'),
    plane: () => `(plane * call.${plane} + index)`,
    count: () => 'index',
    // That of an element; where four are loaded at once, of the first of a four.
    table: () => (whole ? 'index / 4u' : 'index'),
    raw: () => '',
  }[indexing]();
  const scaled = four && !whole && indexing !== 'table' ? `${counted} * 4u` : counted;
  return elementOffset === 0 ? scaled : `${scaled} + shape.${startName(name)}`;
}

/** The value of a load at `offset`. */
function loadedValue(binding: Binding, pass: Pass): string {
  const { name, type, dtype = 'f32', native = false } = binding;
  const single = (index: string): string => {
    if (native || (dtype === 'u32' && type !== 'u32')) return `f32(${name}[${index}])`;
    return isHalf(dtype) ? `single_${dtype}(${name}[(${index}) / 2u], ${index})` : `${name}[${index}]`;
  };
  if (widthOf(binding, pass) === 1) return single('offset');
  if (!isWhole(binding, pass))
    return LANES.map((_, lane) => single(`offset + ${laneWithin(lane, binding, pass)}`)).join(', ');
  if (isHalf(dtype)) return `unpacked_${dtype}(${name}[offset])`;
  return dtype === 'u32' ? `vec4f(${name}[offset])` : `${name}[offset]`;
}

/** What a lane of a load adds to its offset; the last load of columns may have fewer than four. */
function laneWithin(lane: number, binding: Binding, pass: Pass): string {
  const ends = lane > 0 && pass.choose.tail === 'column' && !countsFours(binding, pass);
  const counter = arraySpec(binding.name).indexing === 'element' ? 'group' : 'index';
  return ends ? `lane_within(${counter}, ${lane}u)` : `${lane}u`;
}

/** Stores `value` at `offset`. */
function storing(binding: Binding, type: string, pass: Pass): string {
  const { name, dtype = 'f32', native = false } = binding;
  if (isWhole(binding, pass)) return `${name}[offset] = ${sharesWord(dtype) ? `packed_${dtype}(value)` : 'value'};`;
  const four = widthOf(binding, pass) === 4;
  const lane = arraySpec(name).indexing === 'element' ? 'group, element' : 'index, 0u';
  const guarded = four && hasTail(binding, pass);
  // Rounded as where four are packed at once; converting what that left is exact.
  const one = (index: number): string => {
    if (native) return `f16(unpack2x16float(halves.${LANES[index >> 1]}).${LANES[index & 1]})`;
    if (four) return `value.${LANES[index]}`;
    return type === 'Value' && pass.choose.vector !== 'scalar' ? 'widened(value).x' : 'value';
  };
  const store = (index: number): string => {
    const stored = `${name}[offset + ${index}u] = ${one(index)};`;
    return guarded ? `if (is_stored(${lane}, ${index}u)) { ${stored} }` : stored;
  };
  const halves = native ? `let halves = packed_f16(${four ? 'value' : 'vec4f(value, 0.0, 0.0, 0.0)'}); ` : '';
  return halves + (four ? [0, 1, 2, 3].map(store).join(' ') : store(0));
}

/** Whether lanes of a store may lie behind the last element, or in another piece's statistics; parts of groups lie by fours. */
function hasTail(binding: Binding, pass: Pass): boolean {
  const { plane } = arraySpec(binding.name);
  if (plane) return pass.choose.tail === 'column' && plane === 'statistics_plane';
  return !countsFours(binding, pass);
}
