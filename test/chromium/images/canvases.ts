import { imageOf } from '../../gpu/images/images.ts';
import type { Bytes } from '../../gpu/images/images.ts';

/** Known bytes in what a browser has for images. */

export const [WIDTH, HEIGHT] = [7, 5];
export const opaque = imageOf(HEIGHT, WIDTH, 255);
export const clear = imageOf(HEIGHT, WIDTH);

export const dataOf = ({ data, width, height }: Bytes, settings?: ImageDataSettings): ImageData =>
  new ImageData(data, width, height, settings);

export function drawn<Canvas extends HTMLCanvasElement | OffscreenCanvas>(canvas: Canvas, bytes: Bytes): Canvas {
  Object.assign(canvas, { width: bytes.width, height: bytes.height });
  const draw = canvas.getContext('2d') as CanvasRenderingContext2D;
  draw.putImageData(dataOf(bytes), 0, 0);
  return canvas;
}

export const onPage = (bytes = opaque): HTMLCanvasElement => drawn(document.createElement('canvas'), bytes);
export const offPage = (bytes = opaque): OffscreenCanvas => drawn(new OffscreenCanvas(1, 1), bytes);
