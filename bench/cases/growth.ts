import type { Case, Norm, Pass } from './case.ts';

/** Cases that show how cost grows: with the number of elements, and with how these are cut into rows. */

const MODES: readonly Norm[] = [
  'layerNorm',
  'rmsNorm',
  'batchNorm',
  'batchNormInference',
  'instanceNorm',
  'groupNorm',
  'adaptiveInstanceNorm',
];

/** Powers of ten, in halves. */
const EXPONENTS = [3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8];
const ELEMENTS = 1e7;
/** Modes that normalize rows, from a single one to as many as there are elements. */
const ROW_MODES: readonly Norm[] = ['layerNorm', 'rmsNorm', 'instanceNorm'];

export const GROWTH: readonly Case[] = [
  ...MODES.flatMap((norm) => EXPONENTS.map((exponent) => grown(norm, exponent))),
  ...ROW_MODES.flatMap((norm) =>
    [7, ...EXPONENTS.slice(0, -3).reverse(), 2.5, 2, 1.5, 1, 0.5, 0].map((exponent) => cut(norm, exponent)),
  ),
];

/** Whether it is one of these. */
export function isGrowth({ name }: Pick<Case, 'name'>): boolean {
  return /^(growth|aspect) /.test(name);
}

/** The passes of a case, of those wanted: these have no step, and what is quantized has no gradient. */
export function passesOf(of: Pick<Case, 'name' | 'quantized'>, passes: readonly Pass[]): readonly Pass[] {
  if (of.quantized) return passes.filter((pass) => pass === 'forward');
  return isGrowth(of) ? passes.filter((pass) => pass !== 'step') : passes;
}

/** Rows of a thousand; images of 8 samples and 32 channels. */
function grown(norm: Norm, exponent: number): Case {
  const elements = 10 ** exponent;
  const common = { name: `growth ${norm} 10^${exponent}`, norm, quick: Number.isInteger(exponent) && exponent < 8 };
  if (norm === 'layerNorm' || norm === 'rmsNorm') {
    return { ...common, shape: [Math.round(elements / 1000), 1000], layout: 'rows', axes: 1 };
  }
  const plane = elements / 8 / 32;
  const width = Math.max(4, 4 * Math.round(Math.sqrt(plane) / 4));
  return { ...common, shape: [8, 32, Math.max(1, Math.round(plane / width)), width], layout: 'NCHW', groups: 8 };
}

/** As many rows of 10^exponent elements as make ten million. */
function cut(norm: Norm, exponent: number): Case {
  const exact = 10 ** exponent;
  const length = exact > 100 ? 4 * Math.round(exact / 4) : Math.round(exact);
  const rows = Math.round(ELEMENTS / length);
  const common = { name: `aspect ${norm} ${rows}x${length}`, norm, quick: Number.isInteger(exponent) };
  return norm === 'instanceNorm'
    ? { ...common, shape: [1, rows, 1, length], layout: 'NCHW' }
    : { ...common, shape: [rows, length], layout: 'rows', axes: 1 };
}
