import { CLASSES, drawPictures, PIXELS, SIZE } from './data.ts';

const ROWS = 4;

/** Shows some pictures, a column a class, each from its darkest to its brightest. */
export function drawSamples(canvas: HTMLCanvasElement): void {
  const { count, pixels } = drawPictures(ROWS * CLASSES.length, 1);
  [canvas.width, canvas.height] = [CLASSES.length * SIZE, ROWS * SIZE];
  const context = canvas.getContext('2d')!;
  for (let index = 0; index < count; index++) {
    const picture = pixels.subarray(index * PIXELS, (index + 1) * PIXELS);
    const [low, high] = [Math.min(...picture), Math.max(...picture)];
    const image = context.createImageData(SIZE, SIZE);
    picture.forEach((value, pixel) => {
      const grey = (255 * (value - low)) / (high - low);
      image.data.set([grey, grey, grey, 255], 4 * pixel);
    });
    context.putImageData(image, (index % CLASSES.length) * SIZE, Math.floor(index / CLASSES.length) * SIZE);
  }
}
