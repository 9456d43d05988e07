/** Pictures as a visitor gives them, and how they are made to fit the batch. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Of thumbs, of the wall, and of all where there is no GPU. */
export const SMALL: Size = { width: 160, height: 120 };

/** Sizes from one downwards, in fractions of it. */
export function sizesBelow({ width, height }: Size, fractions: readonly number[]): Size[] {
  return fractions.map((fraction) => ({ width: Math.round(width * fraction), height: Math.round(height * fraction) }));
}

export type Image = HTMLImageElement | OffscreenCanvas;

export interface Picture {
  name: string;
  image: Image;
}

export function sizeOf(image: Image | HTMLVideoElement): Size {
  if (image instanceof HTMLVideoElement) return { width: image.videoWidth, height: image.videoHeight };
  if (image instanceof HTMLImageElement) return { width: image.naturalWidth, height: image.naturalHeight };
  return image;
}

/** How an image comes to cover a size: resized, what is beyond at two sides cut off. As options of `tensorFromImage`. */
export function covering(image: Size, { width, height }: Size): Record<'resize' | 'centerCrop', [number, number]> {
  const scale = Math.max(width / image.width, height / image.height);
  const resized = (own: number, wanted: number): number => Math.max(wanted, Math.round(own * scale));
  return { resize: [resized(image.height, height), resized(image.width, width)], centerCrop: [height, width] };
}

/** The same by a canvas. */
export function drawCovering(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  image: Image | HTMLVideoElement,
): void {
  const { canvas } = context;
  const [height, width] = covering(sizeOf(image), canvas).resize;
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
}

/** The context of a canvas that the CPU draws: what is on it stays there where the browser's GPU process crashes. */
export function drawingOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D;
export function drawingOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D;
export function drawingOf(
  canvas: HTMLCanvasElement | OffscreenCanvas,
): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D {
  return canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
}

/** A canvas of the size, or of the image's own, with what an image or a video shows now. */
export function snapshotOf(image: Image | HTMLVideoElement, { width, height }: Size = sizeOf(image)): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  drawCovering(drawingOf(canvas), image);
  return canvas;
}

/**
 * The pictures that the page begins with, cut to 4 : 3: `chelsea` (Stéfan van der Walt, CC0), a darker copy of it, `coffee` (Rachel
 * Michetti, CC0) and `rocket` (SpaceX, public domain) of scikit-image's data.
 */
export async function samples(): Promise<Picture[]> {
  const [cat, coffee, rocket] = await Promise.all([
    fromUrl('Cat', new URL('./cat.webp', import.meta.url).href),
    fromUrl('Coffee', new URL('./coffee.webp', import.meta.url).href),
    fromUrl('Rocket', new URL('./rocket.webp', import.meta.url).href),
  ]);
  return [cat, { name: 'Cat, darker', image: darker(cat.image) }, coffee, rocket];
}

/** What stands in the place of a picture that is not there. */
export function blank(): Picture {
  const image = new OffscreenCanvas(SMALL.width, SMALL.height);
  const context = drawingOf(image);
  context.fillStyle = 'white';
  context.fillRect(0, 0, image.width, image.height);
  return { name: 'Blank', image };
}

/** Every value times 0.45. */
function darker(image: Image): OffscreenCanvas {
  const canvas = snapshotOf(image);
  const context = drawingOf(canvas);
  context.globalCompositeOperation = 'multiply';
  context.fillStyle = 'rgb(115 115 115)';
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

async function fromUrl(name: string, url: string): Promise<Picture> {
  const image = new Image();
  image.src = url;
  await image.decode();
  return { name, image };
}

/** What is kept of a picture's longer side: more than is drawn of it, and less than a texture may have. */
const LONGEST = 1280;

/** A visitor's picture, on white where it is transparent. Rejects where the browser cannot show it. */
export async function fromFile(file: File): Promise<Picture> {
  const url = URL.createObjectURL(file);
  try {
    const { image } = await fromUrl(file.name, url);
    const { width, height } = sizeOf(image);
    const scale = Math.min(1, LONGEST / Math.max(width, height));
    const kept = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    return { name: file.name, image: snapshotOf(image, kept) };
  } finally {
    URL.revokeObjectURL(url);
  }
}
