import type { BrowserContext, Page } from 'playwright';
import * as reference from '../../src/reference/index.ts';
import type { NdArray, Statistic } from '../../src/reference/index.ts';
import type { Opened, Pages } from './serve.ts';

/** The page of pictures as its tests use it: pictures of known bytes go in, pixels of both canvases come out. */

export const PLACES = 4;
/** Half a step of a byte, and what f32 rounds to the other side of it. */
export const ROUNDED = 0.51;

/** A canvas's context as far as the page uses it: where there is no display Chromium loses the device once it is asked for a real one's texture. */
function standIn(): void {
  interface Context {
    configuration: GPUCanvasConfiguration | null;
    texture: GPUTexture | null;
  }
  const contexts = new Map<HTMLCanvasElement, Context>();
  Object.assign(globalThis, { contexts });
  const { getContext } = HTMLCanvasElement.prototype;
  Reflect.set(HTMLCanvasElement.prototype, 'getContext', function (this: HTMLCanvasElement, ...given: [string]) {
    if (given[0] !== 'webgpu') return (getContext as (...given: unknown[]) => unknown).apply(this, given);
    const context = {
      canvas: this,
      configuration: null as GPUCanvasConfiguration | null,
      texture: null as GPUTexture | null,
      configure: (configuration: GPUCanvasConfiguration) =>
        void (context.configuration = { usage: GPUTextureUsage.RENDER_ATTACHMENT, ...configuration }),
      getConfiguration: () => context.configuration,
      getCurrentTexture: () => {
        const { device, format } = context.configuration!;
        const usage = GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC;
        const { width, height } = this;
        if (context.texture?.width !== width || context.texture.height !== height) {
          context.texture = device.createTexture({ size: [width, height], format, usage });
        }
        return context.texture;
      },
    };
    contexts.set(this, context);
    return context;
  });
}

/** Opens the page, with canvases that can be read. */
export async function openPictures(
  pages: Pages,
  query = '',
  prepare?: (context: BrowserContext) => Promise<unknown>,
): Promise<Opened> {
  const opened = await pages.open(`pictures/${query}`, undefined, async (page) => {
    await page.addInitScript(standIn);
    await prepare?.(page.context());
  });
  await opened.page.emulateMedia({ reducedMotion: 'reduce' });
  await ready(opened.page);
  return opened;
}

/** Waits until what was chosen is drawn, measured, and on the wall. */
export async function ready(page: Page): Promise<void> {
  await page.waitForSelector('html[data-engine][data-state="ready"][data-wall="ready"]', { state: 'attached' });
}

/** Waits until what was chosen is drawn and measured. */
export async function drawn(page: Page): Promise<void> {
  await page.waitForSelector('html[data-engine][data-state="ready"]', { state: 'attached' });
}

/** The bytes of both canvases, RGBA. */
export async function pixelsOf(page: Page): Promise<Record<'before' | 'after', Buffer>> {
  const texts = await page.evaluate(async () => {
    const { contexts } = globalThis as unknown as {
      contexts: Map<HTMLCanvasElement, { configuration: GPUCanvasConfiguration; texture: GPUTexture | null }>;
    };
    const bytesOf = async (canvas: HTMLCanvasElement): Promise<ArrayLike<number>> => {
      const { width, height } = canvas;
      const context = contexts.get(canvas);
      if (!context) {
        const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
        copy.drawImage(canvas, 0, 0);
        return copy.getImageData(0, 0, width, height).data;
      }
      const { device, format } = context.configuration;
      const bytesPerRow = Math.ceil(width / 64) * 256;
      const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
      const buffer = device.createBuffer({ size: bytesPerRow * height, usage });
      const encoder = device.createCommandEncoder();
      encoder.copyTextureToBuffer({ texture: context.texture! }, { buffer, bytesPerRow }, [width, height]);
      device.queue.submit([encoder.finish()]);
      await buffer.mapAsync(GPUMapMode.READ);
      const rows = new Uint8Array(buffer.getMappedRange());
      const order = format.startsWith('bgra') ? [2, 1, 0, 3] : [0, 1, 2, 3];
      const bytes = Array.from({ length: 4 * width * height }, (_, at) => {
        const [row, column] = [Math.floor(at / 4 / width), Math.floor(at / 4) % width];
        return rows[row * bytesPerRow + 4 * column + order[at % 4]!]!;
      });
      buffer.destroy();
      return bytes;
    };
    const [before, after] = [...document.querySelectorAll<HTMLCanvasElement>('#stage canvas')];
    const text = (bytes: ArrayLike<number>): string =>
      btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    return [text(await bytesOf(before!)), text(await bytesOf(after!))];
  });
  const [before, after] = texts.map((text) => Buffer.from(text, 'base64'));
  return { before: before!, after: after! };
}

/** Fills the batch with pictures of exactly its size, all different, and gives their bytes, RGBA. */
export async function fillBatch(page: Page): Promise<{ width: number; height: number; bytes: Buffer[] }> {
  const made = await page.evaluate((places) => {
    const { width, height } = document.querySelector<HTMLCanvasElement>('#stage canvas')!;
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    const pictures = Array.from({ length: places }, (_, place) => {
      const image = new ImageData(width, height);
      for (let index = 0; index < image.data.length; index++) {
        const [pixel, colour] = [Math.floor(index / 4), index % 4];
        const [x, y] = [pixel % width, Math.floor(pixel / width)];
        const wave = Math.sin((x * (place + 1)) / 17 + colour) + Math.cos(y / 11 + place * colour) + ((x * y) % 7) / 7;
        image.data[index] = colour === 3 ? 255 : 40 + 30 * place + 20 * colour + 30 * wave;
      }
      context.putImageData(image, 0, 0);
      return { bytes: [...image.data], url: canvas.toDataURL() };
    });
    return { width, height, pictures };
  }, PLACES);
  await page.check('#places [value="0"]', { force: true });
  const files = made.pictures.map(({ url }, place) => ({
    name: `${place}.png`,
    mimeType: 'image/png',
    buffer: Buffer.from(url.split(',')[1]!, 'base64'),
  }));
  await page.setInputFiles('#file', files);
  await page.waitForFunction(() => document.querySelector('#places label:last-child span')?.textContent === '3.png');
  await drawn(page);
  return { width: made.width, height: made.height, bytes: made.pictures.map(({ bytes }) => Buffer.from(bytes)) };
}

/** Bytes RGBA as numbers from 0 to 1, [N,3,H,W]. */
export function batchOf(pictures: readonly Buffer[], width: number, height: number): NdArray<Float64Array> {
  const plane = width * height;
  const data = Float64Array.from({ length: pictures.length * 3 * plane }, (_, index) => {
    const [place, channel, pixel] = [Math.floor(index / plane / 3), Math.floor(index / plane) % 3, index % plane];
    return pictures[place]![4 * pixel + channel]! / 255;
  });
  return { data, shape: [pictures.length, 3, height, width] };
}

const pictureOf = ({ data, shape }: NdArray<Float64Array>, place: number): NdArray<Float64Array> => {
  const size = data.length / shape[0]!;
  return { data: data.slice(place * size, (place + 1) * size), shape: [1, ...shape.slice(1)] };
};

const normalized = (axes: number[], statistic: Statistic) => (x: NdArray) =>
  reference.normalize(x, { axes, statistic }).y;
/** What BatchNorm, and its running statistics, are in words of `moments`: the variance of inference is unbiased. */
const inferred = (x: NdArray): NdArray => {
  const { mean, variance, count } = reference.moments(x, { axes: [0, 2, 3] });
  const runningVar = { data: variance.data.map((value) => (value * count) / (count - 1)), shape: [3] };
  return reference.batchNorm(x, { runningMean: mean, runningVar }).y;
};

/** Each mode by the reference: of the whole batch, or of the picture alone; and what is drawn as black and white, null where white is the largest. */
export const EXACT: Readonly<
  Record<
    string,
    [over: 'batch' | 'picture', of: (x: NdArray, style: NdArray) => NdArray, range: [number, number] | null]
  >
> = {
  'batch-training': ['batch', normalized([0, 2, 3], 'mean-variance'), [-2.5, 2.5]],
  'batch-inference': ['batch', inferred, [-2.5, 2.5]],
  'layer-chw': ['picture', normalized([1, 2, 3], 'mean-variance'), [-2.5, 2.5]],
  'layer-last': ['picture', normalized([3], 'mean-variance'), [-2.5, 2.5]],
  instance: ['picture', normalized([2, 3], 'mean-variance'), [-2.5, 2.5]],
  'group-1': ['picture', normalized([1, 2, 3], 'mean-variance'), [-2.5, 2.5]],
  'group-3': ['picture', normalized([2, 3], 'mean-variance'), [-2.5, 2.5]],
  adain: ['picture', (x, style) => reference.adaptiveInstanceNorm(x, style).y, [0, 1]],
  pixel: ['batch', normalized([0, 1], 'mean-variance'), [-2.5, 2.5]],
  activation: ['batch', normalized([0], 'mean-variance'), [-2.5, 2.5]],
  rms: ['picture', (x) => reference.rmsNorm(x, { axes: [1, 2, 3] }).y, null],
  'sum-image': ['picture', normalized([1, 2, 3], 'sum'), null],
  'sum-channel': ['picture', normalized([2, 3], 'sum'), null],
  l2: ['picture', normalized([1], 'l2'), null],
  l1: ['picture', normalized([1], 'l1'), null],
  moments: ['batch', (x) => reference.moments(x, { axes: [0], keepDims: true }).mean, [0, 1]],
};

/** What a mode makes of one of the pictures, [3,H,W]. */
export function exactOf(mode: string, x: NdArray<Float64Array>, place: number, style: number): ArrayLike<number> {
  const [over, of] = EXACT[mode]!;
  const y = of(over === 'batch' ? x : pictureOf(x, place), pictureOf(x, style));
  return y.shape[0] === PLACES ? pictureOf(y as NdArray<Float64Array>, place).data : y.data;
}

/** The largest distance of drawn bytes from numbers [3,H,W], from black to white. */
export function distance(drawn: Buffer, numbers: ArrayLike<number>, range: readonly [number, number] | null): number {
  const plane = numbers.length / 3;
  let largest = 0;
  for (let index = 0; index < numbers.length; index++) largest = Math.max(largest, Math.abs(numbers[index]!));
  const [black, white] = range ?? [0, largest];
  let apart = 0;
  for (let index = 0; index < numbers.length; index++) {
    const byte = 255 * Math.min(1, Math.max(0, (numbers[index]! - black) / (white - black)));
    apart = Math.max(apart, Math.abs(byte - drawn[4 * (index % plane) + Math.floor(index / plane)]!));
  }
  return apart;
}

/** Shows one of the pictures, and waits for it. */
export async function show(page: Page, place: number): Promise<void> {
  await page.check(`#places [value="${place}"]`, { force: true });
  await drawn(page);
}

/** Chooses a mode, and waits for it. */
export async function choose(page: Page, mode: string): Promise<void> {
  await page.check(`#modes [value="${mode}"]`, { force: true });
  await drawn(page);
}

/** How far the parts of the page have moved by themselves since it was opened: the sum of layout shifts. */
export async function shiftOf(page: Page): Promise<number> {
  return page.evaluate(
    async () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
            if (!entry.hadRecentInput) sum += entry.value;
          }
        }).observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => resolve(sum), 100);
      }),
  );
}

/** The counts that the histograms say for a bin, from 0 to 63. */
export async function countsUnder(page: Page, which: 'before' | 'after', bin: number): Promise<number[]> {
  const over = page.locator(`#histogram-${which} .u-over`);
  const box = (await over.boundingBox())!;
  // uPlot takes the edge that is nearest to the pointer.
  await over.hover({ position: { x: (box.width * bin) / 64, y: box.height / 2 } });
  return page.$$eval(`#histogram-${which} .u-series:not(:first-child) .u-value`, (cells) =>
    cells.map(({ textContent }) => Number(textContent)),
  );
}
