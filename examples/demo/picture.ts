/** Pictures as tensors [N, C, H, W] of numbers from 0 to 1, and back. */

const WIDTH = 160;
const HEIGHT = 120;
const SAMPLES = 4;
export const CHANNELS = 3;

/** A visitor's picture is made to fit into this: software adapters shall stay quick. */
const LARGEST = [192, 144] as const;

export interface Array4 {
  data: Float32Array<ArrayBuffer>;
  shape: readonly number[];
}

/** Numbers of shape [N, 3, H, W]. */
export interface Pictures {
  data: ArrayLike<number>;
  shape: readonly number[];
}

/** A sunset over water: a bright disc, gradients, dark corners and a little grain. */
export function sunset(): ImageData {
  return paint((context) => {
    const sky = context.createLinearGradient(0, 0, 0, HEIGHT * 0.62);
    [
      [0, '#16213e'],
      [0.45, '#7b3f61'],
      [0.8, '#e8774d'],
      [1, '#ffc46b'],
    ].forEach(([at, colour]) => sky.addColorStop(at as number, colour as string));
    context.fillStyle = sky;
    context.fillRect(0, 0, WIDTH, HEIGHT);
    context.fillStyle = '#fff1c9';
    context.beginPath();
    context.arc(WIDTH * 0.63, HEIGHT * 0.5, 12, 0, 7);
    context.fill();
    hills(context, HEIGHT * 0.56, 10, '#5b2d4e');
    hills(context, HEIGHT * 0.6, 6, '#331b38');
    const water = context.createLinearGradient(0, HEIGHT * 0.62, 0, HEIGHT);
    water.addColorStop(0, '#d9834f');
    water.addColorStop(0.35, '#5a3a57');
    water.addColorStop(1, '#0d1226');
    context.fillStyle = water;
    context.fillRect(0, HEIGHT * 0.62, WIDTH, HEIGHT);
    for (let line = 0; line < 26; line++) {
      const y = HEIGHT * 0.63 + line * 1.7;
      const width = 26 - line * 0.5 + 9 * Math.sin(line * 2.3);
      context.fillStyle = `rgba(255, 226, 160, ${0.55 - line * 0.019})`;
      context.fillRect(WIDTH * 0.63 - width / 2 + 4 * Math.sin(line * 1.7), y, width, 0.9);
    }
  });
}

/** A style to take statistics from: cool paper, ink waves and a gold disc. */
export function waves(): ImageData {
  return paint((context) => {
    context.fillStyle = '#dfeceb';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    context.fillStyle = '#d9a92b';
    context.beginPath();
    context.arc(WIDTH * 0.25, HEIGHT * 0.3, 18, 0, 7);
    context.fill();
    for (let wave = 0; wave < 9; wave++) {
      context.strokeStyle = ['#0d3b66', '#1f7a8c', '#5fb3b3'][wave % 3]!;
      context.lineWidth = 7;
      context.beginPath();
      for (let x = -5; x < WIDTH + 5; x += 2) {
        const y = HEIGHT * 0.42 + wave * 9 + 6 * Math.sin(x / 13 + wave * 1.3);
        context.lineTo(x, y);
      }
      context.stroke();
    }
  });
}

function hills(context: OffscreenCanvasRenderingContext2D, base: number, height: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(0, HEIGHT);
  for (let x = 0; x <= WIDTH; x += 2) {
    context.lineTo(x, base - height * (Math.sin(x / 17 + height) + 0.5 * Math.sin(x / 7 + 1) + 0.4));
  }
  context.lineTo(WIDTH, HEIGHT);
  context.fill();
}

function paint(draw: (context: OffscreenCanvasRenderingContext2D) => void): ImageData {
  const context = new OffscreenCanvas(WIDTH, HEIGHT).getContext('2d', { willReadFrequently: true })!;
  draw(context);
  const image = context.getImageData(0, 0, WIDTH, HEIGHT);
  let state = 1;
  for (let index = 0; index < image.data.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    if (index % 4 !== 3) image.data[index]! += (state / 2 ** 32 - 0.5) * 9;
  }
  return image;
}

/** A visitor's picture, whole and on white, made to fit. Rejects where the browser cannot read it. */
export async function fromFile(file: Blob): Promise<ImageData> {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(LARGEST[0] / bitmap.width, LARGEST[1] / bitmap.height);
  const [width, height] = [bitmap.width, bitmap.height].map((size) => Math.max(1, Math.round(size * scale)));
  const context = new OffscreenCanvas(width!, height!).getContext('2d')!;
  context.fillStyle = 'white';
  context.fillRect(0, 0, width!, height!);
  context.drawImage(bitmap, 0, 0, width!, height!);
  bitmap.close();
  return context.getImageData(0, 0, width!, height!);
}

/** The batch: the picture, darker, of higher contrast, and mirrored. */
export function batchOf({ data, width, height }: ImageData): Array4 {
  const plane = width * height;
  const batch = new Float32Array(SAMPLES * CHANNELS * plane);
  const variants: ((value: number) => number)[] = [
    (value) => value,
    (value) => value * 0.45,
    (value) => Math.min(1, Math.max(0, 0.5 + 1.7 * (value - 0.45))),
    (value) => value,
  ];
  variants.forEach((vary, sample) => {
    for (let pixel = 0; pixel < plane; pixel++) {
      const mirrored = pixel - 2 * (pixel % width) + width - 1;
      const from = sample === 3 ? mirrored : pixel;
      for (let channel = 0; channel < CHANNELS; channel++) {
        batch[(sample * CHANNELS + channel) * plane + pixel] = vary(data[from * 4 + channel]! / 255);
      }
    }
  });
  return { data: batch, shape: [SAMPLES, CHANNELS, height, width] };
}

/** Draws samples side by side, two a row; `show` maps numbers to 0 to 1. */
export function draw(canvas: HTMLCanvasElement, { data, shape }: Pictures, show: (value: number) => number): void {
  const [samples, channels, height, width] = shape as [number, number, number, number];
  const plane = height * width;
  const columns = Math.min(samples, 2);
  canvas.width = columns * width;
  canvas.height = Math.ceil(samples / columns) * height;
  const context = canvas.getContext('2d')!;
  for (let sample = 0; sample < samples; sample++) {
    const image = new ImageData(width, height);
    for (let pixel = 0; pixel < plane; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        image.data[pixel * 4 + channel] = 255 * show(data[(sample * channels + channel) * plane + pixel]!);
      }
      image.data[pixel * 4 + 3] = 255;
    }
    context.putImageData(image, (sample % columns) * width, Math.floor(sample / columns) * height);
  }
}
