import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { root, servePages } from './serve.ts';
import type { Pages } from './serve.ts';

let pages: Pages;

afterEach(async () => pages.close());

/** What a page is given to look at. */
interface Looked {
  /** What is drawn on. */
  texture: GPUTexture;
  device: GPUDevice;
}

const SIZE = 224;
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

/** A canvas's context as far as the page uses it: where there is no display Chromium loses the device once it is asked for a real one's texture. */
function standIn(): void {
  const looked = globalThis as unknown as Partial<Looked>;
  const context = {
    configuration: null as GPUCanvasConfiguration | null,
    configure: (configuration: GPUCanvasConfiguration) => void (context.configuration = configuration),
    getConfiguration: () => context.configuration,
    getCurrentTexture: () => {
      const { device, format } = context.configuration!;
      looked.device = device;
      const usage = GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC;
      return (looked.texture ??= device.createTexture({ size: [224, 224], format, usage }));
    },
  };
  const { getContext } = HTMLCanvasElement.prototype;
  Reflect.set(HTMLCanvasElement.prototype, 'getContext', function (this: HTMLCanvasElement, kind: string) {
    return kind === 'webgpu' ? context : (getContext as (kind: string) => unknown).call(this, kind);
  });
}

/** The picture's bytes, those drawn of it the second time, and what is asked of WebGPU meanwhile. */
async function drawnAgain() {
  const { device, texture } = globalThis as unknown as Looked;
  const picture = document.querySelector<HTMLImageElement>('#picture')!;
  const asked: string[] = [];
  const note = (prototype: object, name: string): void => {
    const methods = prototype as Record<string, (...given: unknown[]) => unknown>;
    const method = methods[name]!;
    methods[name] = function (this: unknown, ...given) {
      asked.push(name);
      return method.apply(this, given);
    };
  };
  note(GPUBuffer.prototype, 'mapAsync');
  for (const name of ['writeBuffer', 'writeTexture']) note(GPUQueue.prototype, name);
  note(GPUDevice.prototype, 'createBuffer');
  for (const name of ['beginComputePass', 'beginRenderPass']) note(GPUCommandEncoder.prototype, name);
  // After the page's own listener.
  const drawn = new Promise((resolve) => picture.addEventListener('load', resolve, { once: true }));
  picture.src = `${picture.src}#again`;
  await drawn;
  const meanwhile = [...asked];
  const buffer = device.createBuffer({ size: 1024 * 224, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  const encoder = device.createCommandEncoder();
  encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow: 1024 }, [224, 224]);
  device.queue.submit([encoder.finish()]);
  await buffer.mapAsync(GPUMapMode.READ);
  const rows = new Uint8Array(buffer.getMappedRange());
  const result = Array.from({ length: 224 }, (_, row) => [...rows.subarray(1024 * row, 1024 * row + 896)]).flat();
  const drawing = new OffscreenCanvas(224, 224).getContext('2d')!;
  drawing.drawImage(picture, 0, 0);
  const source = [...drawing.getImageData(0, 0, 224, 224).data];
  return { source, result, meanwhile, isBlueFirst: texture.format.startsWith('bgra') };
}

/** A colour of a picture normalized by ImageNet, then by its own mean and deviation, times 0.2 and plus 0.5, as bytes. */
function exactOf(bytes: readonly number[], colour: number): number[] {
  const pixels = Array.from({ length: SIZE * SIZE }, (_, index) => bytes[4 * index + colour]! / 255);
  const values = pixels.map((pixel) => (pixel - MEAN[colour]!) / STD[colour]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const drawn = values.map((value) => ((value - mean) / Math.sqrt(variance + 1e-5)) * 0.2 + 0.5);
  return drawn.map((value) => Math.min(Math.max(value, 0), 1) * 255);
}

describe('the page of a picture', () => {
  it('draws what float64 says in three passes, and the second time writes, maps and makes no buffer', async () => {
    pages = await servePages();
    const beside = await pages.open('images/picture.svg');
    await beside.page.context().addInitScript(standIn);
    const { page, complaints } = await pages.open('images/', beside.page);
    await page.waitForSelector('html[data-state="done"]', { state: 'attached', timeout: 120_000 });
    const { source, result, meanwhile, isBlueFirst } = await page.evaluate(drawnAgain);
    expect(new Set(source).size).toBeGreaterThan(100);
    for (const colour of [0, 1, 2]) {
      const at = isBlueFirst ? 2 - colour : colour;
      const apart = exactOf(source, colour).map((exact, index) => Math.abs(result[4 * index + at]! - exact));
      expect(apart.reduce((most, one) => Math.max(most, one), 0)).toBeLessThanOrEqual(0.51);
    }
    expect(meanwhile).toEqual(['beginComputePass', 'beginComputePass', 'beginRenderPass']);
    expect(complaints).toEqual([]);
  });

  it('says that a file is no picture, draws the next one, and keeps neither', async () => {
    pages = await servePages();
    const beside = await pages.open('images/picture.svg');
    await beside.page.context().addInitScript(standIn);
    const { page } = await pages.open('images/', beside.page);
    await page.waitForSelector('html[data-state="done"]', { state: 'attached' });
    const isKept = async (): Promise<boolean> =>
      page.$eval('#picture', async (picture) =>
        fetch((picture as HTMLImageElement).src).then(
          () => true,
          () => false,
        ),
      );
    const choose = async (name: string, text: string): Promise<void> =>
      page.setInputFiles('#file', { name, mimeType: 'image/svg+xml', buffer: Buffer.from(text) });
    await choose('wrong.svg', 'no picture');
    await page.waitForSelector('html[data-state="error"]', { state: 'attached' });
    expect(await page.textContent('#status')).toBe('The browser cannot show this file as a picture; choose another.');
    expect(await isKept()).toBe(false);
    await choose('right.svg', readFileSync(`${root}examples/images/picture.svg`, 'utf8'));
    await page.waitForSelector('html[data-state="done"]', { state: 'attached' });
    expect(await page.getAttribute('#picture', 'src')).toMatch(/^blob:/);
    expect(await isKept()).toBe(false);
  });
});
