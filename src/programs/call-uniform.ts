import type { Digit } from '../plan/tiling/index-map.ts';
import type { Pass } from '../plan/plan.ts';
import { isWhole } from '../plan/tiling/access-width.ts';
import { SHAPE_UNIFORMS, UNIFORMS } from '../plan/uniforms.ts';
import type { CallNumbers, Uniforms } from '../plan/uniforms.ts';

/** A number of a call: its name in a struct of a program, its type there, and what it is. */
interface Field {
  name: string;
  type: 'u32' | 'f32';
  value: number;
}

/** The numbers of `call`. */
function callFields(pass: Pass, numbers?: CallNumbers): Field[] {
  return listed(UNIFORMS, { ...pass.uniforms, ...numbers });
}

/** The numbers of `shape`: those every pass has, those of its index maps, and where its arrays start. Which there are depends on the kind of call alone. */
function shapeFields(pass: Pass): Field[] {
  return [
    ...listed(SHAPE_UNIFORMS, pass.uniforms),
    ...Object.entries(pass.maps).flatMap(([name, { group, element }]) => [
      ...group.flatMap((digit, index) => fieldsOfDigit(digitName(name, 'group', index), digit)),
      ...element.flatMap((digit, index) => fieldsOfDigit(digitName(name, 'element', index), digit)),
    ]),
    ...pass.bindings.flatMap((binding): Field[] => {
      const { name, elementOffset = 0 } = binding;
      const value = isWhole(binding, pass) ? elementOffset / 4 : elementOffset;
      return elementOffset === 0 ? [] : [{ name: startName(name), type: 'u32', value }];
    }),
  ];
}

function listed<N extends keyof Uniforms>(
  table: Record<N, readonly [type: Field['type'], neutral: number]>,
  values: Record<NoInfer<N>, number>,
): Field[] {
  return (Object.keys(table) as N[]).map((name) => ({ name, type: table[name][0], value: values[name] }));
}

/** Of a digit only what is not 1 or left out: the shader knows what kind it is. */
function fieldsOfDigit(name: string, { skip, size, stride, most }: Digit): Field[] {
  const number = (part: string, value: number): Field => ({ name: `${name}_${part}`, type: 'u32', value });
  const divisor = (part: string, value: number): Field[] => [
    number(part, value),
    { name: `${name}_inv_${part}`, type: 'f32', value: 1 / value },
  ];
  return [
    ...(skip === 1 ? [] : divisor('skip', skip)),
    ...(size === null ? [] : divisor('size', size)),
    ...(stride === 1 ? [] : [number('stride', stride)]),
    ...(most === undefined ? [] : [number('most', most)]),
  ];
}

export function digitName(map: string, counter: 'group' | 'element', index: number): string {
  return `${map}_${counter}_${index}`;
}

/** Elements, or fours of them, before the first of an array. */
export function startName(array: string): string {
  return `${array}_start`;
}

/** The kind of a digit: all of it that its WGSL depends on. */
export function digitKind({ skip, size, stride, row, most }: Digit): string {
  return [
    skip !== 1 && 'skip',
    size !== null && 'size',
    stride !== 1 && 'stride',
    row && 'row',
    most !== undefined && 'most',
  ]
    .filter(Boolean)
    .join();
}

/**
 * `call` and `shape` as WGSL: one uniform; or of a specialized program, whose compiler knows the shape, a uniform and a constant.
 */
export function declareNumbers(pass: Pass, specialized: boolean): string {
  const [call, shape] = [callFields(pass), shapeFields(pass)];
  const struct = (name: string, fields: readonly string[]): string =>
    [`struct ${name} {`, ...fields.map((field) => `    ${field},`), '}'].join('\n');
  const members = (fields: readonly Field[]): string[] => fields.map(({ name, type }) => `${name}: ${type}`);
  return [
    struct('Shape', members(shape)),
    ...(specialized ? [`const shape = Shape(${shape.map(literalOf).join(', ')});`] : []),
    struct('Call', [...members(call), ...(specialized ? [] : ['@align(16) shape: Shape'])]),
    '@group(0) @binding(0) var<uniform> call: Call;',
  ].join('\n');
}

function literalOf({ type, value }: Field): string {
  return type === 'u32' ? `${value}u` : `${Math.fround(value)}f`;
}

/** Words before those of `shape`. */
const SHAPE_START = Math.ceil(Object.keys(UNIFORMS).length / 4) * 4;

/** How many bytes the uniform has. */
export function uniformSize(pass: Pass): number {
  return (SHAPE_START + shapeFields(pass).length) * 4;
}

/** The bytes of the uniform. */
export function uniformBytes(pass: Pass, numbers: CallNumbers): ArrayBuffer {
  const [call, shape] = [callFields(pass, numbers), shapeFields(pass)];
  const start = SHAPE_START;
  const bytes = new DataView(new ArrayBuffer((start + shape.length) * 4));
  const write = ({ type, value }: Field, word: number): void => {
    if (type === 'u32') bytes.setUint32(word * 4, value, true);
    else bytes.setFloat32(word * 4, value, true);
  };
  call.forEach((field, index) => write(field, index));
  shape.forEach((field, index) => write(field, start + index));
  return bytes.buffer;
}
