import type { Binding, Pass } from '../plan/plan.ts';

/** How kernels load from arrays and store to them, as WGSL: `load_x(group, element)`, `store_y(group, element, value)`. */

/** The index maps of arrays that have none of their own name. */
const MAPS: Record<string, string> = { y: 'x', dy: 'x', dx: 'x', running_mean: 'channel', running_var: 'channel' };
/** Arrays that kernels write by element; others too are bound as written where they share a buffer. */
const WRITTEN = new Set(['y', 'dx']);
/** Arrays that kernels write by group, each an element of its own. */
const PARAMETERS = new Set(['dweight', 'dbias']);

const LANES = ['x', 'y', 'z', 'w'];

/** The WGSL type of an array's elements: single ones where loads need not be aligned. */
export function elementTypeOf({ name, type }: Binding, { use, maps }: Pass): string {
  const { edges = 'aligned' } = use;
  const ofLoads = edges !== 'aligned' && type === 'Value' && mapOf(name, maps) !== null;
  const ofGroups = edges === 'ragged_column' && type === 'Accumulator' && PARAMETERS.has(name);
  return ofLoads || ofGroups ? 'f32' : type;
}

export function declareAccess(binding: Binding, pass: Pass): string {
  const { name, type } = binding;
  const apart = elementTypeOf(binding, pass) !== type;
  if (PARAMETERS.has(name)) {
    const at = { parameters: 'index: u32', offset: apart ? 'index * 4u' : 'index', place: 'index, 0u' };
    return [declareLoad(name, 'Accumulator', at, apart), declareStore(name, 'Accumulator', at, apart)].join('\n');
  }
  const map = mapOf(name, pass.maps);
  if (map === null || (type !== 'Value' && type !== 'f32')) return '';
  const at = {
    parameters: 'group: u32, element: u32',
    offset: `${map}_offset(group, element)`,
    place: 'group, element',
  };
  const load = declareLoad(name, 'Value', at, apart);
  return WRITTEN.has(name) ? `${load}\n${declareStore(name, 'Value', at, apart)}` : load;
}

function mapOf(name: string, maps: Pass['maps']): string | null {
  const map = MAPS[name] ?? name;
  return maps[map] ? map : null;
}

/** Where a load or a store goes; `place`: what tells which elements of a load are stored. */
interface At {
  parameters: string;
  offset: string;
  place: string;
}

function declareLoad(name: string, type: string, { parameters, offset }: At, apart: boolean): string {
  const elements = apart ? LANES.map((_, lane) => `${name}[offset + ${lane}u]`) : [`${name}[offset]`];
  return `fn load_${name}(${parameters}) -> ${type} { let offset = ${offset}; return ${type}(${elements.join(', ')}); }`;
}

function declareStore(name: string, type: string, { parameters, offset, place }: At, apart: boolean): string {
  const single = (lane: string, index: number): string =>
    `if (stores(${place}, ${index}u)) { ${name}[offset + ${index}u] = value.${lane}; }`;
  const body = apart ? LANES.map(single).join(' ') : `${name}[offset] = value;`;
  return `fn store_${name}(${parameters}, value: ${type}) { let offset = ${offset}; ${body} }`;
}
