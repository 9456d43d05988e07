import { isHalf } from '../problem/dtype.ts';
import { countsFours, isParameter, isResult, isWhole, mapOf, widthOf } from '../plan/accesses.ts';
import type { Binding, Pass } from '../plan/plan.ts';

/**
 * How kernels load from arrays and store to them, as WGSL: `load_x(group, element)`, `store_y(group, element, value)`. An
 * access is to one element or to four neighbours, of an array that keeps them as f32, as halves of words or as counts.
 */

/** What is converted to and from f32, whatever it is. */
const HALVES = 'halves';

const LANES = ['x', 'y', 'z', 'w'];

/** The WGSL type of an array's elements. */
export function elementTypeOf(binding: Binding, pass: Pass): string {
  const { type, dtype = 'f32', native = false } = binding;
  const whole = isWhole(binding, pass);
  if (native) return 'f16';
  if (isHalf(dtype)) return whole ? 'vec2u' : 'u32';
  if (dtype === 'u32') return whole ? 'vec4u' : 'u32';
  return widthOf(binding, pass) === 4 && !whole ? 'f32' : type;
}

/** The files that the accesses of a pass import from. */
export function accessImports(pass: Pass): string[] {
  const halves = new Set(pass.bindings.flatMap(({ dtype = 'f32' }) => (isHalf(dtype) ? [dtype] : [])));
  return [...halves].map(
    (dtype) => `import package::storage::${dtype}::{unpacked_${dtype}, packed_${dtype}, single_${dtype}};`,
  );
}

export function declareAccess(binding: Binding, pass: Pass): string {
  const { name, type, dtype = 'f32' } = binding;
  if (name === HALVES) return declareConversion(dtype);
  if (isParameter(binding)) {
    const groups = widthOf(binding, pass) === 4 && !countsFours(binding, pass) ? 'index * 4u' : 'index';
    const at = { parameters: 'index: u32', offset: offsetOf(groups, binding, pass), place: 'index, 0u' };
    return [declareLoad(binding, 'Accumulator', at, pass), declareStore(binding, 'Accumulator', at, pass)].join('\n');
  }
  const map = mapOf(name, pass.maps);
  if (map === null || (type !== 'Value' && type !== 'f32' && dtype === 'f32')) return '';
  const at = {
    parameters: 'group: u32, element: u32',
    offset: offsetOf(`${map}_offset(group, element)`, binding, pass),
    place: 'group, element',
  };
  const load = declareLoad(binding, 'Value', at, pass);
  return isResult(binding) ? `${load}\n${declareStore(binding, 'Value', at, pass)}` : load;
}

function declareConversion(dtype: string): string {
  return [
    `fn load_halves(index: u32) -> f32 { return single_${dtype}(halves[index / 2u], index); }`,
    `fn packed(value: vec4f) -> vec2u { return packed_${dtype}(value); }`,
  ].join('\n');
}

/** An offset in what the array is of: its elements, or fours of them. */
function offsetOf(counted: string, binding: Binding, pass: Pass): string {
  const { start = 0 } = binding;
  const whole = isWhole(binding, pass);
  const scaled = countsFours(binding, pass) && !whole ? `${counted} * 4u` : counted;
  return start === 0 ? scaled : `${scaled} + ${whole ? start / 4 : start}u`;
}

/** Where a load or a store goes; `place`: what tells which elements of a load are stored. */
interface At {
  parameters: string;
  offset: string;
  place: string;
}

function declareLoad(binding: Binding, type: string, { parameters, offset }: At, pass: Pass): string {
  const { name, dtype = 'f32', native = false } = binding;
  const single = (index: string): string => {
    if (native || dtype === 'u32') return `f32(${name}[${index}])`;
    return isHalf(dtype) ? `single_${dtype}(${name}[(${index}) / 2u], ${index})` : `${name}[${index}]`;
  };
  const together = (): string => {
    if (isHalf(dtype)) return `unpacked_${dtype}(${name}[offset])`;
    return dtype === 'u32' ? `vec4f(${name}[offset])` : `${name}[offset]`;
  };
  const apart = LANES.map((_, lane) => single(`offset + ${lane}u`)).join(', ');
  const four = isWhole(binding, pass) ? together() : apart;
  const value = widthOf(binding, pass) === 4 ? four : single('offset');
  return `fn load_${name}(${parameters}) -> ${type} { let offset = ${offset}; return ${type}(${value}); }`;
}

function declareStore(binding: Binding, type: string, { parameters, offset, place }: At, pass: Pass): string {
  const { name, dtype = 'f32', native = false } = binding;
  const four = widthOf(binding, pass) === 4;
  const ragged = !countsFours(binding, pass);
  // Rounded as where four are packed at once; converting what that left is exact.
  const one = (lane: number): string => {
    if (native) return `f16(unpack2x16float(halves.${LANES[lane >> 1]}).${LANES[lane & 1]})`;
    return four ? `value.${LANES[lane]}` : 'value';
  };
  const store = (lane: number): string => {
    const stored = `${name}[offset + ${lane}u] = ${one(lane)};`;
    return ragged && four ? `if (stores(${place}, ${lane}u)) { ${stored} }` : stored;
  };
  const whole = `${name}[offset] = ${isHalf(dtype) ? `packed_${dtype}(value)` : 'value'};`;
  const apart = four ? [0, 1, 2, 3].map(store).join(' ') : store(0);
  const halves = native ? `let halves = packed_f16(${four ? 'value' : 'vec4f(value, 0.0, 0.0, 0.0)'}); ` : '';
  const body = isWhole(binding, pass) ? whole : `${halves}${apart}`;
  return `fn store_${name}(${parameters}, value: ${type}) { let offset = ${offset}; ${body} }`;
}
