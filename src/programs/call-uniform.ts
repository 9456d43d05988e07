import type { Digit } from '../plan/tiling/index-map.ts';
import type { Pass } from '../plan/plan.ts';
import { isWhole } from '../plan/tiling/access-width.ts';
import { UNIFORMS } from '../plan/uniforms.ts';
import type { CallNumbers, Uniforms } from '../plan/uniforms.ts';

/** A number of a call: its name in the struct `Call` of a program, its type there, and what it is. */
interface Field {
  name: string;
  type: 'u32' | 'f32';
  value: number;
}

/** All numbers of a call: those every pass has, those of its index maps, and where its arrays start. Which there are depends on the kind of call alone. */
function fieldsOf(pass: Pass, numbers?: CallNumbers): Field[] {
  const uniforms: Uniforms = { ...pass.uniforms, ...numbers };
  return [
    ...(Object.keys(UNIFORMS) as (keyof Uniforms)[]).map((name) => ({
      name,
      type: UNIFORMS[name],
      value: uniforms[name],
    })),
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

/** What kind a digit is: all of it that its WGSL depends on. */
export function digitKind({ skip, size, stride, most }: Digit): string {
  return [skip !== 1 && 'skip', size !== null && 'size', stride !== 1 && 'stride', most !== undefined && 'most']
    .filter(Boolean)
    .join();
}

/** The uniform as a struct of WGSL. */
export function declareUniform(pass: Pass): string {
  const fields = fieldsOf(pass).map(({ name, type }) => `    ${name}: ${type},`);
  return ['struct Call {', ...fields, '}', '@group(0) @binding(0) var<uniform> call: Call;'].join('\n');
}

/** The bytes of a uniform. */
export function uniformBytes(pass: Pass, numbers: CallNumbers): ArrayBuffer {
  const fields = fieldsOf(pass, numbers);
  const bytes = new DataView(new ArrayBuffer(fields.length * 4));
  fields.forEach(({ type, value }, index) => {
    if (type === 'u32') bytes.setUint32(index * 4, value, true);
    else bytes.setFloat32(index * 4, value, true);
  });
  return bytes.buffer;
}
