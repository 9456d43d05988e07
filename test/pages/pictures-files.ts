import type { Page } from 'playwright';
import { drawn, pixelsOf } from './pictures-page.ts';

/** Files for the page of pictures, and what is seen of them. */

/** A picture of one colour, of some size. */
export async function pngOf(page: Page, name: string, width: number, height: number, colour: string) {
  const url = await page.evaluate(
    ([width, height, colour]) => {
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width, height });
      const context = canvas.getContext('2d')!;
      context.fillStyle = colour;
      context.fillRect(0, 0, width, height);
      return canvas.toDataURL();
    },
    [width, height, colour] as const,
  );
  return { name, mimeType: 'image/png', buffer: Buffer.from(url.split(',')[1]!, 'base64') };
}

/** The size of what is drawn. */
export const sizeOf = (page: Page) =>
  page.$eval('#stage canvas', (canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    return { width, height };
  });

/** The colour in the middle of the picture that is shown. */
export async function colourOf(page: Page): Promise<number[]> {
  await drawn(page);
  const { before } = await pixelsOf(page);
  const { width, height } = await sizeOf(page);
  const middle = 4 * (Math.floor(height / 2) * width + Math.floor(width / 2));
  return [...before.subarray(middle, middle + 3)];
}

/** Waits until a picture has a name. */
export const named = (page: Page, place: number, name: string) =>
  page.waitForSelector(`#places label:nth-of-type(${place + 1}) span:text-is("${name}")`);
