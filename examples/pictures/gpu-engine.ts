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
import { covering, sizeOf } from './pictures.ts';
import type { Size } from './pictures.ts';
import { PLACES } from './state.ts';
import type { State } from './state.ts';

/** Everything on the GPU: a frame is copied, normalized and drawn, and no number comes back. */

const SIZE: Size = { width: 640, height: 480 };
/** Where a CPU stands in for the GPU. */
const SOFTWARE_SIZE: Size = { width: 240, height: 180 };

/** @throws NormError where there is no GPU. */
export async function openGpu(): Promise<Engine> {
  if (new URLSearchParams(location.search).has('cpu')) throw new NormError('unsupported', 'asked for by ?cpu');
  return gpuEngine(await createContext());
}

function gpuEngine(context: Context): Engine {
  const { device } = context;
  const size = context.profile.software ? SOFTWARE_SIZE : SIZE;
  const shape = [PLACES, CHANNELS, size.height, size.width];
  const [x, y] = [context.empty(shape), context.empty(shape)];
  const views = (tensor: Tensor): Tensor[] =>
    Array.from({ length: PLACES }, (_, place) => tensor.slice(0, place, place + 1));
  const [pictures, results] = [views(x), views(y)];
  const shown = context.empty([1, ...shape.slice(1)]);
  const parameters = makeParameters(context);
  const frames = makeFrames(context, size);
  const [before, after] = [makeCanvas(size), makeCanvas(size)];
  const [onBefore, onAfter] = [before, after].map((canvas) => {
    const target = canvas.getContext('webgpu');
    if (!target) throw new NormError('unsupported', 'the browser draws on no canvas by WebGPU');
    target.configure({ device, format: navigator.gpu.getPreferredCanvasFormat() });
    return target;
  });
  let written: State | null = null;

  /** Normalizes, and gives the result for the picture that is shown. */
  function result(state: State, encoder?: GPUCommandEncoder): { given: Tensor; all: Tensor; one: Tensor } {
    if (written !== state) parameters.write(state);
    written = state;
    const { mode, place, style } = state;
    const whole = isOverBatch(modeOf(mode));
    const given = whole ? x : pictures[place]!;
    const record = { out: whole ? y : results[place]!, ...(encoder && { encoder }) };
    const all = onGpu(mode, { x: given, style: pictures[style]!, parameters, record });
    return { given, all, one: all === y ? results[place]! : all };
  }

  /** What is made of a result besides `y`: the moments. */
  const release = (tensor: Tensor): void => {
    if (tensor !== y && !results.includes(tensor)) tensor.destroy();
  };

  async function draw(state: State, live: Live | null): Promise<void> {
    const encoder = device.createCommandEncoder();
    if (live) frames.read(live.video, pictures[live.place]!, encoder);
    const { all, one } = result(state, encoder);
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
    release(all);
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
    const { given, all, one } = result(state);
    const { shares } = modeOf(state.mode);
    const at = placeIn(state);
    const read = Promise.all([
      pictures[state.place]!.read(),
      one.read(),
      momentsOf(given, shares, at),
      all === y || results.includes(all) ? momentsOf(all, shares, at) : null,
      state.mode === 'adain' ? momentsOf(pictures[state.style]!, shares, 0) : null,
    ]);
    release(all);
    const [own, normalized, groupBefore, groupAfter, style] = await read;
    return { before: own, after: normalized, moments: { before: groupBefore, after: groupAfter, style } };
  }

  return {
    kind: 'gpu',
    description: adapterInWords(context),
    context,
    size,
    before,
    after,
    load: (place, { image }) => {
      tensorFromImage(context, image, { ...covering(sizeOf(image), size), out: pictures[place]! });
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
