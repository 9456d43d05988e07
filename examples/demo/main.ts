import { createContext, NormError } from 'webgpu-norm';
import type { Context } from 'webgpu-norm';
import { adapterInWords, adapterName } from '../adapter.ts';
import { failCard, fillCard, makeCard } from './card.ts';
import { modes } from './modes.ts';
import type { Mode } from './modes.ts';
import { batchOf, draw, fromFile, sunset, waves } from './picture.ts';
import type { Array4 } from './picture.ts';
import { drawShares } from './shares.ts';
import { largestDifference } from './statistics.ts';

const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const page = document.documentElement;
const cards = new Map(modes.map((mode) => [mode, makeCard(mode)]));
const style = batchOf(waves());
/** The latest picture and file: work on earlier ones ends where it notices. */
let shown: ImageData | undefined;
let chosen: File | null = null;

/** The GPU, or null where there is none, with the reason on the page. */
async function openGpu(): Promise<Context | null> {
  const status = element('status');
  try {
    if (new URLSearchParams(location.search).has('cpu')) throw new NormError('unsupported', 'asked for by ?cpu');
    const context = await createContext();
    status.textContent = `Running on ${adapterInWords(context)}`;
    return context;
  } catch (problem) {
    status.classList.add('none');
    const reason = problem instanceof Error ? problem.message : String(problem);
    status.textContent = `No WebGPU (${reason}). The float64 reference computes everything on the CPU instead.`;
    return null;
  }
}

async function compute(mode: Mode, context: Context | null, image: ImageData, x: Array4): Promise<void> {
  const card = cards.get(mode)!;
  delete card.dataset['failed'];
  try {
    const exact = mode.cpu(x, style);
    if (!context) {
      fillCard(card, mode, { before: x, style, after: exact, difference: null, adapter: 'the CPU' });
      return;
    }
    using input = context.tensor(x.data, x.shape);
    using styled = context.tensor(style.data, style.shape);
    using result = mode.gpu(context, input, styled);
    const after = { data: await result.read(), shape: result.shape };
    if (image !== shown) return;
    const difference = largestDifference(after.data, exact.data);
    fillCard(card, mode, { before: x, style, after, difference, adapter: adapterName(context) });
  } catch (problem) {
    if (image === shown) failCard(card, problem);
  }
}

/** Normalizes a picture in every mode, unless another one is shown meanwhile. */
async function show(image: ImageData, context: Context | null): Promise<void> {
  shown = image;
  page.dataset['state'] = 'busy';
  const x = batchOf(image);
  draw(element<HTMLCanvasElement>('batch'), x, (value) => value);
  element('shape').textContent = `[${x.shape.join(', ')}]`;
  for (const mode of modes) {
    await compute(mode, context, image, x);
    await new Promise((resolve) => setTimeout(resolve));
    if (image !== shown) return;
  }
  page.dataset['state'] = [...cards.values()].some((card) => card.dataset['failed']) ? 'error' : 'ready';
}

/** Takes a visitor's file, or says why not; null asks for the bundled picture. */
async function take(file: File | null, context: Context | null): Promise<void> {
  chosen = file;
  const image = file ? await fromFile(file).catch(() => null) : sunset();
  if (file !== chosen) return;
  complain(
    file && !image
      ? `${file.name} could not be read as a picture (${file.type || 'of unknown type'}). Try a PNG, JPEG or WebP file.`
      : '',
  );
  if (image) await show(image, context);
}

function complain(words: string): void {
  element('problem').hidden = !words;
  element('problem').textContent = words;
}

element('legend').innerHTML = drawShares([0, 2, 3]);
draw(element<HTMLCanvasElement>('style'), { data: style.data, shape: [1, ...style.shape.slice(1)] }, (value) => value);
element('cards').append(...cards.values());
const context = await openGpu();

const file = element<HTMLInputElement>('file');
file.addEventListener('change', () => {
  const picked = file.files?.[0];
  file.value = ''; // so that the same file can be chosen again
  if (picked) void take(picked, context);
});
element('reset').addEventListener('click', () => void take(null, context));
addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('dragging');
});
addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) document.body.classList.remove('dragging');
});
addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dragging');
  const dropped = event.dataTransfer?.files[0];
  if (dropped) void take(dropped, context);
  else complain('What was dropped is not a file. Save the picture first, then drop its file here.');
});

await show(sunset(), context);
