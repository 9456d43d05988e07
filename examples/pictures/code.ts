import { blackAndWhite } from './engine.ts';
import { isOverBatch, modeOf } from './modes.ts';
import type { Size } from './pictures.ts';
import type { State } from './state.ts';

/** What the page does for the picture that is shown, as a program. */
export function codeOf(state: State, { width, height }: Size): string {
  const mode = modeOf(state.mode);
  const { place, style, alpha, gamma, beta } = state;
  const affine = gamma.some((value) => value !== 1) || beta.some((value) => value !== 0);
  const call = mode.code(affine, alpha);
  const name = /^\w+/.exec(call)![0];
  const one = (tensor: string, at: number): string => `${tensor}.slice(0, ${at}, ${at + 1})`;
  const whole = isOverBatch(mode) && mode.id !== 'moments';
  const range = blackAndWhite(mode, state);
  const lines = [
    `import { createContext, ${range ? name : [...new Set([name, 'normalize'])].join(', ')} } from 'webgpu-norm';`,
    `import { tensorFromImage, tensorToImage } from 'webgpu-norm/images';`,
    '',
    'const context = await createContext();',
    `const pictures = tensorFromImage(context, images, { resize: [${height}, ${width}] }); // [N, 3, ${height}, ${width}]`,
    `const x = ${isOverBatch(mode) ? 'pictures' : one('pictures', place)};`,
    ...(mode.id === 'adain' ? stylesOf(state, one('pictures', style)) : []),
    ...(mode.affine && affine ? parametersOf(call, state) : []),
    `const y = ${call};`,
  ];
  if (range) {
    const std = 1 / (range[1] - range[0]);
    const options = std === 1 ? '' : `, { mean: ${-range[0] * std}, std: ${std} }`;
    lines.push(
      `tensorToImage(${whole ? one('y', place) : 'y'}, canvas${options}); // ${range.join(' is black, ')} white`,
    );
  } else {
    lines.push(
      "tensorToImage(normalize(y, { axes: [0, 1, 2, 3], statistic: 'linf' }), canvas); // the largest is white",
    );
  }
  return lines.join('\n');
}

const tensor = (name: string, values: readonly number[], shape: string): string =>
  `const ${name} = context.tensor(Float32Array.of(${values.map((value) => Number(value.toPrecision(7))).join(', ')}), ${shape});`;

function parametersOf(call: string, { gamma, beta }: State): string[] {
  if (call.includes('modulation')) {
    const scale = gamma.map((value) => value - 1);
    return [tensor('scale', scale, '[1, 3, 1, 1]') + ' // γ − 1', tensor('shift', beta, '[1, 3, 1, 1]')];
  }
  const shape = call.startsWith('normalize') ? '[3, 1, 1]' : '[3]';
  return [tensor('weight', gamma, shape), tensor('bias', beta, shape)];
}

function stylesOf({ alpha }: State, style: string): string[] {
  const scale = tensor('scale', [alpha - 1, alpha - 1, alpha - 1], '[3]');
  return [`const style = ${style};`, ...(alpha === 1 ? [] : [scale, '// rest: (1 − α) · x'])];
}
