import { batchNormBackward, batchNormForward, createContext } from 'webgpu-norm';
import { Random } from '../train/random.ts';
import type { Part, Results } from './exchange.ts';

const SHAPE = [16, 12, 14, 14] as const;

/** A batch whose samples differ in brightness and contrast, so that no part has the statistics of the whole. */
export function drawBatch(seed: number): Part {
  const random = new Random(seed, 'pictures');
  const [samples, channels, height, width] = SHAPE;
  const plane = height * width;
  const size = samples * channels * plane;
  const x = new Float32Array(size);
  for (let begin = 0; begin < size; begin += plane) {
    const [brightness, contrast] = [3 * random.normal(), random.between(0.2, 2)];
    for (let index = begin; index < begin + plane; index++) x[index] = brightness + contrast * random.normal();
  }
  const normals = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());
  return { shape: [...SHAPE], x, dy: normals(size), weight: normals(channels), bias: normals(channels) };
}

/** A batch in parts of as many samples each. */
export function splitBatch({ shape, x, dy, ...rest }: Part, count: number): Part[] {
  const [samples, ...sample] = shape as [number, ...number[]];
  const length = x.length / count;
  return Array.from({ length: count }, (_, index) => {
    const [begin, end] = [index * length, (index + 1) * length];
    return { ...rest, shape: [samples / count, ...sample], x: x.slice(begin, end), dy: dy.slice(begin, end) };
  });
}

/** The results of the parts as those of one batch: samples follow each other, gradients of parameters add up. */
export function joinResults(parts: readonly Results[]): Results {
  const follow = (name: 'y' | 'dx'): Float32Array => Float32Array.from(parts.flatMap((part) => [...part[name]]));
  const add = (name: 'dweight' | 'dbias'): Float32Array =>
    parts[0]![name].map((_, index) => parts.reduce((sum, part) => sum + part[name][index]!, 0));
  return { y: follow('y'), dx: follow('dx'), dweight: add('dweight'), dbias: add('dbias') };
}

/** What one call makes of the whole batch. */
export async function normalizeWhole({ shape, ...batch }: Part): Promise<Results & { adapter: string }> {
  using context = await createContext();
  const channels = [shape[1]!];
  const weight = context.tensor(batch.weight, channels);
  const bias = context.tensor(batch.bias, channels);
  const { y, saved } = batchNormForward(context.tensor(batch.x, shape), { training: true, weight, bias });
  const { dx, dweight, dbias } = batchNormBackward(context.tensor(batch.dy, shape), saved);
  const { vendor, architecture } = context.adapterInfo;
  return {
    y: await y.read(),
    dx: await dx.read(),
    dweight: await dweight!.read(),
    dbias: await dbias!.read(),
    adapter: [vendor, architecture].filter(Boolean).join(' · ') || 'an unnamed GPU',
  };
}
