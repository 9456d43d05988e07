import type { IndexMap, Term } from '../plan/maps.ts';
import type { Binding, Pass } from '../plan/plan.ts';

/** The WGSL of a pass's own declarations: its numbers, its index maps and what it binds. */
export function declarePass(pass: Pass): string {
  const isRagged = pass.use['vector'] === 'ragged';
  return [
    'import package::vector::scalar::{Value, Accumulator, first_counted};',
    CALL,
    ...pass.bindings.map(
      ({ name, type, writes }, index) =>
        `@group(0) @binding(${index + 1}) var<storage, ${writes ? 'read_write' : 'read'}> ` +
        `${name}: array<${isRagged && type === 'Value' ? 'f32' : type}>;`,
    ),
    ...Object.entries(pass.constants).map(([name, value]) => `const ${name} = ${value}u;`),
    ...Object.entries(pass.maps).map(([name, map]) => declareMap(name, map)),
    ...pass.bindings.map((binding) => declareAccess(binding, pass.maps, isRagged)),
  ].join('\n');
}

/** Arrays that lie like x, and those of them that kernels write; others too are bound as written where they share a buffer. */
const LIKE_X = new Set(['y', 'dy', 'dx']);
const WRITTEN = new Set(['y', 'dx']);

/** How a kernel loads from an array that an index map leads to, and stores to it. */
function declareAccess({ name, type }: Binding, maps: Pass['maps'], isRagged: boolean): string {
  const map = LIKE_X.has(name) ? 'x' : name;
  if (!maps[map] || (type !== 'Value' && type !== 'f32')) return '';
  const singles = isRagged && type === 'Value';
  const at = `let offset = ${map}_offset(group, element);`;
  const four = [0, 1, 2, 3].map((lane) => `${name}[offset + ${lane}u]`);
  const value = singles ? four.join(', ') : `${name}[offset]`;
  const load = `fn load_${name}(group: u32, element: u32) -> Value { ${at} return Value(${value}); }`;
  if (!WRITTEN.has(name)) return load;
  // Elements that another load brings too are left to that one.
  const lanes = ['x', 'y', 'z', 'w'].map(
    (lane, index) => `if (first <= ${index}u) { ${four[index]} = value.${lane}; }`,
  );
  const write = singles ? `let first = first_counted(element); ${lanes.join(' ')}` : `${name}[offset] = value;`;
  return `${load}\nfn store_${name}(group: u32, element: u32, value: Value) { ${at} ${write} }`;
}

/** What a call may change without a new pipeline; `zero` is one the compiler cannot know. */
const CALL = `struct Call {
    groups: u32,
    units: u32,
    plane: u32,
    part_plane: u32,
    kept_plane: u32,
    total: u32,
    zero: u32,
    eps: f32,
    momentum: f32,
    unbiasing: f32,
    share: f32,
}
@group(0) @binding(0) var<uniform> call: Call;`;

/** The bytes of a pass's `Call`. */
export function callBytes({ call }: Pass): ArrayBuffer {
  const bytes = new ArrayBuffer(48);
  new Uint32Array(bytes).set([call.groups, call.units, call.plane, call.part_plane, call.kept_plane, call.total, 0]);
  new Float32Array(bytes).set([call.eps, call.momentum, call.unbiasing, call.share], 7);
  return bytes;
}

function declareMap(name: string, map: IndexMap): string {
  const terms = [
    ...map.group.map((term) => writeTerm('group', term)),
    ...map.element.map((term) => writeTerm('element', term)),
  ];
  return `fn ${name}_offset(group: u32, element: u32) -> u32 { return ${terms.join(' + ') || '0u'}; }`;
}

function writeTerm(counter: string, { divide, modulo, stride, most }: Term): string {
  const divided = divide === 1 ? counter : `${counter} / ${divide}u`;
  const wrapped = modulo === null ? divided : `${divided} % ${modulo}u`;
  const scaled = stride === 1 ? wrapped : `${wrapped} * ${stride}u`;
  return most === undefined ? scaled : `min(${scaled}, ${most}u)`;
}
