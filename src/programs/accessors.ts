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

/** Parameters and types of the accesses to an array that is reached in some way. */
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
  if (!binding) {
    return verb === 'load'
      ? `fn ${name}(${parameters}) -> ${loaded} { return ${loaded}(${spec.absent ?? 0}); }`
      : `fn ${name}(${parameters}, value: ${stored}) {}`;
  }
  if (spec.indexing === 'plane') return planeAccess(verb!, name, binding, pass);
  if (spec.indexing === 'count') return countAccess(verb!, name, binding);
  if (spec.indexing === 'table') return tableLoad(name, binding, pass);
  return verb === 'load' ? declareLoad(name, binding, pass) : declareStore(name, binding, pass);
}

function planeAccess(verb: string, name: string, binding: Binding, pass: Pass): string {
  const { name: array, type, elementOffset = 0 } = binding;
  const number = `plane * call.${arraySpec(array).plane!} + index`;
  const start = elementOffset === 0 ? '' : ` + shape.${startName(array)}`;
  if (widthOf(binding, pass) === 4 && !isWhole(binding, pass)) {
    const offset = `let offset = (${number}) * 4u${start};`;
    const lanes = LANES.map((_, lane) => `${array}[offset + ${lane}u]`);
    // What lies behind the last group may be another piece's; parts of groups lie by fours.
    const guards = pass.choose.tail === 'column' && arraySpec(array).plane === 'statistics_plane';
    const store = (lane: number): string => `${lanes[lane]} = value.${LANES[lane]};`;
    const stores = [0, 1, 2, 3].map((lane) =>
      guards ? `if (is_stored(index, 0u, ${lane}u)) { ${store(lane)} }` : store(lane),
    );
    return verb === 'load'
      ? `fn ${name}(plane: u32, index: u32) -> ${type} { ${offset} return ${type}(${lanes.join(', ')}); }`
      : `fn ${name}(plane: u32, index: u32, value: ${type}) { ${offset} ${stores.join(' ')} }`;
  }
  const element = `${array}[${number}${start}]`;
  return verb === 'load'
    ? `fn ${name}(plane: u32, index: u32) -> ${type} { return ${element}; }`
    : `fn ${name}(plane: u32, index: u32, value: ${type}) { ${element} = value; }`;
}

function countAccess(verb: string, name: string, { name: array, elementOffset = 0 }: Binding): string {
  const element = `${array}[index${elementOffset === 0 ? '' : ` + shape.${startName(array)}`}]`;
  return verb === 'load'
    ? `fn ${name}(index: u32) -> u32 { return ${element}; }`
    : `fn ${name}(index: u32, value: u32) { ${element} = value; }`;
}

/** The index is that of an element; where four are loaded at once, of the first of a four. */
function tableLoad(name: string, binding: Binding, pass: Pass): string {
  const { name: array, type, elementOffset = 0 } = binding;
  const counted = isWhole(binding, pass) ? 'index / 4u' : 'index';
  const offset = elementOffset === 0 ? counted : `${counted} + shape.${startName(array)}`;
  return `fn ${name}(index: u32) -> ${type} { let offset = ${offset}; return ${type}(${loadedValue(binding, pass)}); }`;
}

/** How an array that is reached by element or by group is indexed; `lane`: what tells which elements of a load are stored. */
interface Index {
  parameters: string;
  type: 'Value' | 'Accumulator';
  offset: string;
  lane: string;
}

function indexOf(binding: Binding, pass: Pass): Index {
  const { name } = binding;
  if (arraySpec(name).indexing === 'group') {
    const counted = widthOf(binding, pass) === 4 && !countsFours(binding, pass) ? 'index * 4u' : 'index';
    return {
      parameters: 'index: u32',
      type: 'Accumulator',
      offset: offsetOf(counted, binding, pass),
      lane: 'index, 0u',
    };
  }
  const counted = `${mapOf(name, pass.maps)}_offset(group, element)`;
  return {
    parameters: 'group: u32, element: u32',
    type: 'Value',
    offset: offsetOf(counted, binding, pass),
    lane: 'group, element',
  };
}

/** An offset in what the array is of: its elements, or fours of them. */
function offsetOf(counted: string, binding: Binding, pass: Pass): string {
  const { elementOffset = 0 } = binding;
  const whole = isWhole(binding, pass);
  const scaled = countsFours(binding, pass) && !whole ? `${counted} * 4u` : counted;
  return elementOffset === 0 ? scaled : `${scaled} + shape.${startName(binding.name)}`;
}

/** The value of a load at `offset`. */
function loadedValue(binding: Binding, pass: Pass): string {
  const { name, dtype = 'f32', native = false } = binding;
  const single = (index: string): string => {
    if (native || dtype === 'u32') return `f32(${name}[${index}])`;
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
  return ends ? `lane_within(${indexOf(binding, pass).lane.split(',')[0]}, ${lane}u)` : `${lane}u`;
}

function declareLoad(name: string, binding: Binding, pass: Pass): string {
  const { parameters, type, offset } = indexOf(binding, pass);
  return `fn ${name}(${parameters}) -> ${type} { let offset = ${offset}; return ${type}(${loadedValue(binding, pass)}); }`;
}

function declareStore(name: string, binding: Binding, pass: Pass): string {
  const { name: array, dtype = 'f32', native = false, access } = binding;
  const { parameters, type, offset, lane } = indexOf(binding, pass);
  const four = widthOf(binding, pass) === 4;
  const hasTail = four && !countsFours(binding, pass);
  // Rounded as where four are packed at once; converting what that left is exact.
  const one = (index: number): string => {
    if (native) return `f16(unpack2x16float(halves.${LANES[index >> 1]}).${LANES[index & 1]})`;
    if (four) return `value.${LANES[index]}`;
    return type === 'Value' && pass.choose.vector !== 'scalar' ? 'widened(value).x' : 'value';
  };
  const store = (index: number): string => {
    const stored = `${array}[offset + ${index}u] = ${one(index)};`;
    return hasTail ? `if (is_stored(${lane}, ${index}u)) { ${stored} }` : stored;
  };
  const body = isWhole(binding, pass)
    ? `${array}[offset] = ${sharesWord(dtype) ? `packed_${dtype}(value)` : 'value'};`
    : (native ? `let halves = packed_f16(${four ? 'value' : 'vec4f(value, 0.0, 0.0, 0.0)'}); ` : '') +
      (four ? [0, 1, 2, 3].map(store).join(' ') : store(0));
  const added = access === 'accumulate' ? `let value = ${type}(${loadedValue(binding, pass)}) + new_value; ` : '';
  const parameter = access === 'accumulate' ? 'new_value' : 'value';
  return `fn ${name}(${parameters}, ${parameter}: ${type}) { let offset = ${offset}; ${added}${body} }`;
}
