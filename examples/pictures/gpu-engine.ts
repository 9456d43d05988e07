import { createContext, moments, normalize, NormError } from 'webgpu-norm';
import type { Context, Tensor } from 'webgpu-norm';
import { tensorFromImage, tensorToImage } from 'webgpu-norm/images';
import { adapterInWords } from '../adapter.ts';
import { onGpu } from './calls.ts';
import { blackAndWhite, makeCanvas, momentsAt, placeIn } from './engine.ts';
import type { Engine, Live, Measured, Moments } from './engine.ts';
import { makeFrames } from './frames.ts';
import { isOverBatch, modeOf } from './modes.ts';
import { CHANNELS, makeParameters } from './parameters.ts';
import { covering, sizeOf, sizesBelow } from './pictures.ts';
import type { Size } from './pictures.ts';
import { PLACES } from './state.ts';
import type { State } from './state.ts';

/** Everything on the GPU: a frame is copied, normalized and drawn, and no number comes back. */

const SIZES = sizesBelow({ width: 640, height: 480 }, [1, 3 / 4, 1 / 2, 3 / 8, 1 / 4]);
/** What a CPU that stands in for the GPU begins with. */
const SOFTWARE_SIZE = SIZES[3]!;

/** @throws NormError where there is no GPU. */
export async function openGpu(): Promise<Engine> {
  if (new URLSearchParams(location.search).has('cpu')) throw new NormError('unsupported', 'asked for by ?cpu');
  return gpuEngine(await createContext());
}

interface Result {
  given: Tensor;
  all: Tensor;
  /** Whether it is of the shape of what is given. */
  isShaped: boolean;
  one: Tensor;
  end(): void;
}

/** Pictures of a size, and room for what is made of them. */
interface Batch {
  size: Size;
  x: Tensor;
  y: Tensor;
  /** Parts of x, and of y. */
  pictures: readonly Tensor[];
  results: readonly Tensor[];
  /** A result between black and white. */
  shown: Tensor;
}

function batchOf(context: Context, size: Size): Batch {
  const shape = [CHANNELS, size.height, size.width];
  const [x, y, shown] = [PLACES, PLACES, 1].map((count) => context.empty([count, ...shape])) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const views = (tensor: Tensor): Tensor[] =>
    Array.from({ length: PLACES }, (_, place) => tensor.slice(0, place, place + 1));
  return { size, x, y, pictures: views(x), results: views(y), shown };
}

function gpuEngine(context: Context): Engine {
  const { device } = context;
  const still = context.profile.software ? SOFTWARE_SIZE : SIZES[0]!;
  let batch = batchOf(context, still);
  const parameters = makeParameters(context);
  const frames = makeFrames(context);
  const [before, after] = [makeCanvas(still), makeCanvas(still)];
  const [onBefore, onAfter] = [before, after].map((canvas) => {
    const target = canvas.getContext('webgpu');
    if (!target) throw new NormError('unsupported', 'the browser draws on no canvas by WebGPU');
    target.configure({ device, format: navigator.gpu.getPreferredCanvasFormat() });
    return target;
  });
  let written: State | null = null;

  /** Normalizes, and gives the result for the picture that is shown; `end` gives up what is none of the batch: moments. */
  function result(state: State, encoder?: GPUCommandEncoder): Result {
    if (written !== state) parameters.write(state);
    written = state;
    const { x, y, pictures, results } = batch;
    const { mode, place, style } = state;
    const whole = isOverBatch(modeOf(mode));
    const given = whole ? x : pictures[place]!;
    const out = whole ? y : results[place]!;
    const all = onGpu(mode, {
      x: given,
      style: pictures[style]!,
      parameters,
      record: { out, ...(encoder && { encoder }) },
    });
    const isShaped = all === out;
    return { given, all, isShaped, one: isShaped ? results[place]! : all, end: () => !isShaped && all.destroy() };
  }

  async function draw(state: State, live: Live | null): Promise<void> {
    const { size, pictures, shown } = batch;
    const encoder = device.createCommandEncoder();
    if (live) frames.read(live.video, size, pictures[live.place]!, encoder);
    const { one, end } = result(state, encoder);
    const range = blackAndWhite(modeOf(state.mode), state);
    tensorToImage(pictures[state.place]!, onBefore!, { encoder });
    if (range) {
      const std = 1 / (range[1] - range[0]);
      tensorToImage(one, onAfter!, { mean: -range[0] * std, std, encoder });
    } else {
      normalize(one, { axes: [0, 1, 2, 3], statistic: 'linf', out: shown, encoder });
      tensorToImage(shown, onAfter!, { encoder });
    }
    device.queue.submit([encoder.finish()]);
    end();
    await device.queue.onSubmittedWorkDone();
  }

  async function momentsOf(tensor: Tensor, axes: readonly number[], place: number): Promise<Moments> {
    using found = moments(tensor, { axes, keepDims: true });
    const { shape } = found.mean;
    const [mean, variance] = await Promise.all([found.mean.read(), found.variance.read()]);
    return momentsAt(found.count, { data: mean, shape }, { data: variance, shape }, place);
  }

  /** All copies are submitted before any is awaited: they are of one frame. */
  async function measure(state: State): Promise<Measured> {
    const { pictures } = batch;
    const { given, all, isShaped, one, end } = result(state);
    const { shares } = modeOf(state.mode);
    const at = placeIn(state);
    const read = Promise.all([
      pictures[state.place]!.read(),
      one.read(),
      momentsOf(given, shares, at),
      isShaped ? momentsOf(all, shares, at) : null,
      state.mode === 'adain' ? momentsOf(pictures[state.style]!, shares, 0) : null,
    ]);
    end();
    const [own, normalized, groupBefore, groupAfter, style] = await read;
    return { before: own, after: normalized, moments: { before: groupBefore, after: groupAfter, style } };
  }

  return {
    kind: 'gpu',
    description: adapterInWords(context),
    context,
    sizes: SIZES,
    still,
    get size() {
      return batch.size;
    },
    before,
    after,
    load: (place, { image }) => {
      tensorFromImage(context, image, { ...covering(sizeOf(image), batch.size), out: batch.pictures[place]! });
    },
    resize: (size) => {
      for (const tensor of [batch.x, batch.y, batch.shown]) tensor.destroy();
      batch = batchOf(context, size);
      for (const canvas of [before, after]) Object.assign(canvas, size);
    },
    draw,
    measure,
    destroy: () => {
      frames.destroy();
      parameters.destroy();
      context.destroy();
    },
  };
}
