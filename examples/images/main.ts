import { createContext, instanceNorm } from 'webgpu-norm';
import type { Context, Tensor } from 'webgpu-norm';
import { IMAGENET, tensorFromImage, tensorToImage } from 'webgpu-norm/images';

const picture = document.querySelector<HTMLImageElement>('#picture')!;
const file = document.querySelector<HTMLInputElement>('#file')!;
const canvas = document.querySelector<HTMLCanvasElement>('#result')!.getContext('webgpu')!;

const DRAWN = 'Drawn on the GPU; choose a picture of your own.';

/** The picture on the canvas, all of its colours with one mean and one deviation, by way of a tensor [1,3,224,224]. */
function draw(context: Context, x: Tensor): void {
  const { device } = context;
  const encoder = device.createCommandEncoder();
  tensorFromImage(context, picture, { ...IMAGENET, resize: 224, centerCrop: 224, out: x, encoder });
  const pass = encoder.beginComputePass(); // the app's own: its dispatches may go before and after
  instanceNorm(x, { out: x, encoder: pass });
  pass.end();
  tensorToImage(x, canvas, { mean: 0.5, std: 0.2, encoder });
  device.queue.submit([encoder.finish()]);
}

async function run(): Promise<void> {
  const context = await createContext();
  canvas.configure({ device: context.device, format: navigator.gpu.getPreferredCanvasFormat() });
  const x = context.empty([1, 3, 224, 224]);
  await picture.decode();
  await new Promise(requestAnimationFrame); // what is drawn before the first frame, no browser has to show
  draw(context, x);
  picture.addEventListener('load', () => {
    URL.revokeObjectURL(picture.src);
    try {
      draw(context, x);
      say(DRAWN, 'done');
    } catch (problem) {
      fail(problem); // of a picture that is larger than a texture may be, or of a lost device
    }
  });
  picture.addEventListener('error', () => {
    URL.revokeObjectURL(picture.src);
    say('The browser cannot show this file as a picture; choose another.', 'error');
  });
  file.addEventListener('change', () => {
    const [chosen] = file.files!;
    if (!chosen) return;
    URL.revokeObjectURL(picture.src); // of one that was not there yet
    picture.src = URL.createObjectURL(chosen);
  });
  file.disabled = false;
}

function say(words: string, state: 'done' | 'error'): void {
  document.getElementById('status')!.textContent = words;
  document.documentElement.dataset['state'] = state;
}

function fail(problem: unknown): void {
  say(problem instanceof Error ? problem.message : String(problem), 'error');
}

await run().then(() => say(DRAWN, 'done'), fail);
