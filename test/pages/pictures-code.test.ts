import { compileFunction } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../examples/pictures/code.ts';
import { modeOf } from '../../examples/pictures/modes.ts';
import type { ModeId } from '../../examples/pictures/modes.ts';
import { START } from '../../examples/pictures/state.ts';
import type { State } from '../../examples/pictures/state.ts';
import * as reference from '../../src/reference/index.ts';
import type { NdArray } from '../../src/reference/index.ts';
import { EXACT, exactOf, PLACES } from './pictures-page.ts';

/** The code that the page of pictures shows, run with the float64 reference in the place of the GPU. */

const SIZE = { width: 6, height: 4 };
const PLANE = SIZE.width * SIZE.height;
const x = {
  data: Float64Array.from({ length: PLACES * 3 * PLANE }, (_, index) => 0.5 + 0.4 * Math.sin(index * (1 + index / 90))),
  shape: [PLACES, 3, SIZE.height, SIZE.width],
};

interface Sliceable extends NdArray {
  slice(axis: 0, start: number, end: number): Sliceable;
}

function sliceable({ data, shape }: NdArray): Sliceable {
  const size = data.length / shape[0]!;
  const slice = (_: 0, start: number, end: number): Sliceable =>
    sliceable({ data: Array.from(data).slice(start * size, end * size), shape: [end - start, ...shape.slice(1)] });
  return { data, shape, slice };
}

/** What the program draws, and how. */
async function run(code: string): Promise<{ drawn: NdArray; mean: number; std: number }> {
  const imported = [...code.matchAll(/^import \{ (.*) \} from '.*';$/gm)].map(([, names]) => names!).join(', ');
  const calls = Object.fromEntries(
    ['layerNorm', 'instanceNorm', 'groupNorm', 'rmsNorm', 'normalize'].map((name) => [
      name,
      (x: NdArray, options: reference.NormalizeOptions) =>
        sliceable(reference[name as 'normalize'](x, options ?? {}).y),
    ]),
  );
  /** Running statistics are updated where they are. */
  const batchNorm = (x: NdArray, options: reference.BatchNormOptions): NdArray => {
    const { y, ...updated } = reference.batchNorm(x, options);
    for (const name of ['runningMean', 'runningVar'] as const) {
      if (options.training && options[name]) (options[name].data as Float32Array).set(updated[name]!.data);
    }
    return sliceable(y);
  };
  const outcome = { drawn: x as NdArray, mean: 0, std: 1 };
  const names = {
    ...calls,
    batchNorm,
    moments: reference.moments,
    adaptiveInstanceNorm: (x: NdArray, style: NdArray, options = {}) =>
      reference.adaptiveInstanceNorm(x, style, options).y,
    createContext: async () => ({ tensor: (data: Float32Array, shape: number[]) => ({ data, shape }) }),
    tensorFromImage: (_: unknown, images: NdArray, { resize }: { resize: number[] }) => {
      expect(resize).toEqual(images.shape.slice(2));
      return sliceable(images);
    },
    tensorToImage: (drawn: NdArray, _: unknown, options = {}) => Object.assign(outcome, { drawn, ...options }),
  };
  const body = `return (async () => { const { ${imported} } = names;${code.replaceAll(/^import .*$/gm, '')}\n})()`;
  await (compileFunction(body, ['names', 'images', 'canvas']) as (...given: unknown[]) => Promise<void>)(names, x, {});
  return outcome;
}

/** What is drawn, from black 0 to white 1. */
function exactDrawing(state: State): number[] {
  const { mode, place, style, gamma, beta, alpha } = state;
  const exact = Array.from(exactOf(mode, x, place, style));
  const size = 3 * PLANE;
  const y = exact.map((value, index) => {
    const channel = Math.floor(index / PLANE);
    if (mode === 'adain') return alpha * value + (1 - alpha) * x.data[place * size + index]!;
    return modeOf(mode).affine ? gamma[channel]! * value + beta[channel]! : value;
  });
  const own = state.range === 'picture' && modeOf(mode).affine ? ([0, 1] as const) : EXACT[mode]![2];
  const [black, white] = own ?? [0, Math.max(...y.map(Math.abs))];
  return y.map((value) => (value - black) / (white - black));
}

const AFFINE: Partial<State> = { gamma: [0.5, 1, 1.75], beta: [0.1, -0.4, 0], range: 'picture' };

describe('the code of the page of pictures', () => {
  it.each(
    (Object.keys(EXACT) as ModeId[]).flatMap((mode) =>
      [{}, AFFINE, { alpha: 0.4, place: 3, style: 1 }].map((change) => [mode, change] as const),
    ),
  )('draws what the page does: %s %j', async (mode, change) => {
    const state: State = { ...START, place: 1, mode, ...change };
    const { drawn, mean, std } = await run(codeOf(state, SIZE));
    const exact = exactDrawing(state);
    expect(drawn.data).toHaveLength(exact.length);
    Array.from(drawn.data).forEach((value, index) => expect(value * std + mean).toBeCloseTo(exact[index]!, 5));
  });
});
