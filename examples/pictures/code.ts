import { blackAndWhite } from './engine.ts';
import { isOverBatch, modeOf } from './modes.ts';
import type { Size } from './pictures.ts';
import type { State } from './state.ts';

/** What the page does for the picture that is shown, as a program. */
export function codeOf(state: State, { width, height }: Size): string {
  const mode = modeOf(state.mode);
  const { place, style, alpha, gamma, beta } = state;
  const affine = mode.affine && (gamma.some((value) => value !== 1) || beta.some((value) => value !== 0));
  const call = mode.code(affine, alpha);
  const mixed = mode.id === 'adain' && alpha !== 1;
  const range = blackAndWhite(mode, state);
  const names = new Set([/^\w+/.exec(call)![0], ...(mixed ? ['batchNorm'] : []), ...(range ? [] : ['normalize'])]);
  const one = (tensor: string, at: number): string => `${tensor}.slice(0, ${at}, ${at + 1})`;
  const shown = isOverBatch(mode) && mode.id !== 'moments' ? one('y', place) : 'y';
  return [
    `import { ${['createContext', ...names].join(', ')} } from 'webgpu-norm';`,
    "import { tensorFromImage, tensorToImage } from 'webgpu-norm/images';",
    '',
    'const context = await createContext();',
    `const pictures = tensorFromImage(context, images, { resize: [${height}, ${width}] }); // [N, 3, ${height}, ${width}]`,
    `const x = ${isOverBatch(mode) ? 'pictures' : one('pictures', place)};`,
    ...(mode.id === 'adain' ? [`const style = ${one('pictures', style)};`] : []),
    ...(mixed ? mixtureOf(alpha) : []),
    ...(mode.id === 'batch-inference' ? RUNNING : []),
    ...(affine ? parametersOf(call, state) : []),
    `const y = ${call};`,
    drawingOf(shown, range),
  ].join('\n');
}

function drawingOf(shown: string, range: readonly [number, number] | null): string {
  if (!range) return `tensorToImage(normalize(${shown}, { axes: [0, 1, 2, 3], statistic: 'linf' }), canvas);`;
  const std = 1 / (range[1] - range[0]);
  const options = std === 1 ? '' : `, { mean: ${-range[0] * std}, std: ${std} }`;
  return `tensorToImage(${shown}, canvas${options}); // ${range.join(' is black, ')} white`;
}

const tensor = (values: readonly number[], shape: string): string =>
  `context.tensor(Float32Array.of(${values.map((value) => Number(value.toPrecision(7))).join(', ')}), ${shape})`;

function parametersOf(call: string, { gamma, beta }: State): string[] {
  if (call.includes('modulation')) {
    const scale = gamma.map((value) => value - 1);
    return [
      `const scale = ${tensor(scale, '[1, 3, 1, 1]')}; // γ − 1`,
      `const shift = ${tensor(beta, '[1, 3, 1, 1]')};`,
    ];
  }
  const shape = call.startsWith('normalize') ? '[3, 1, 1]' : '[3]';
  return [`const weight = ${tensor(gamma, shape)};`, `const bias = ${tensor(beta, shape)};`];
}

const EMPTY = 'context.tensor(new Float32Array(3), [3])';
const RUNNING = [
  `const running = { runningMean: ${EMPTY}, runningVar: ${EMPTY} };`,
  'batchNorm(x, { training: true, momentum: 1, ...running }); // sets them',
];

/** What AdaIN is multiplied by and what is added, of α · AdaIN(x) + (1 − α) · x. */
function mixtureOf(alpha: number): string[] {
  const all = (value: number): string => tensor([value, value, value], '[3]');
  return [
    `const identity = { runningMean: ${all(0)}, runningVar: ${all(1)}, eps: 0 };`,
    `const rest = batchNorm(x, { ...identity, weight: ${all(1 - alpha)} }); // (1 − α) · x`,
    `const scale = ${all(alpha - 1)};`,
  ];
}
