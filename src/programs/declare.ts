import type { IndexMap, Term } from '../plan/maps.ts';
import type { Pass } from '../plan/plan.ts';
import { accessImports, declareAccess, elementTypeOf } from './access.ts';

/** The WGSL of a pass's own declarations: its numbers, its index maps and what it binds. */
export function declarePass(pass: Pass): string {
  return [
    'import package::vector::scalar::{Value, Accumulator};',
    'import package::edges::aligned::{stores};',
    ...accessImports(pass),
    ...(pass.bindings.some(({ native }) => native) ? ['enable f16;'] : []),
    CALL,
    ...pass.bindings.map(
      (binding, index) =>
        `@group(0) @binding(${index + 1}) var<storage, ${binding.writes ? 'read_write' : 'read'}> ` +
        `${binding.name}: array<${elementTypeOf(binding, pass)}>;`,
    ),
    ...Object.entries(pass.constants).map(([name, value]) => `const ${name} = ${value}u;`),
    ...Object.entries(pass.maps).map(([name, map]) => declareMap(name, map)),
    ...pass.bindings.map((binding) => declareAccess(binding, pass)),
    ...pass.bindings.map(({ name, start = 0 }) =>
      name.startsWith('running_') ? `const ${name}_start = ${start}u;` : '',
    ),
    ...Object.entries(pass.same ?? {}).map(([name, twin]) => declareTwin(name, twin)),
    ...(pass.maps['position'] ? [declarePosition(pass)] : []),
  ].join('\n');
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
    leak: f32,
    bessel: f32,
}
@group(0) @binding(0) var<uniform> call: Call;`;

/** The bytes of a pass's `Call`. */
export function callBytes({ call }: Pass): ArrayBuffer {
  const bytes = new ArrayBuffer(52);
  new Uint32Array(bytes).set([call.groups, call.units, call.plane, call.part_plane, call.kept_plane, call.total, 0]);
  new Float32Array(bytes).set([call.eps, call.momentum, call.unbiasing, call.share, call.leak, call.bessel], 7);
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

function declareTwin(name: string, twin: string): string {
  return `fn load_${name}(group: u32, element: u32) -> Value { return load_${twin}(group, element); }`;
}

/** Which element of its group an element is. */
function declarePosition({ use, constants }: Pass): string {
  const lanes = use['vector'] === 'scalar' ? '0.0' : 'vec4f(0.0, 1.0, 2.0, 3.0)';
  const { POSITION_SCALE: scale = 1, POSITION_STEP: step = 0 } = constants;
  const first = `f32(position_offset(group, element) * ${scale}u)`;
  return `fn position_of(group: u32, element: u32) -> Value { return Value(${first}) + ${step}.0 * ${lanes}; }`;
}
