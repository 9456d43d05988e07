import { createContext, NormError } from 'webgpu-norm';
import type { Context } from 'webgpu-norm';
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

function adapterOf({ adapterInfo }: Context): string {
  const { vendor, architecture, description, device } = adapterInfo;
  return [vendor, architecture, description || device].filter(Boolean).join(' · ') || 'an unnamed GPU';
}

/** The GPU, or null where there is none, with the reason on the page. */
async function openGpu(): Promise<Context | null> {
  const status = element('status');
  try {
    if (new URLSearchParams(location.search).has('cpu')) throw new NormError('unsupported', 'asked for by ?cpu');
    const context = await createContext();
    const kind = context.profile.software ? ' (a software adapter: a CPU stands in for the GPU)' : '';
    status.textContent = `Running on ${adapterOf(context)}${kind}`;
    return context;
  } catch (problem) {
    status.classList.add('none');
    const reason = problem instanceof Error ? problem.message : String(problem);
    status.textContent = `No WebGPU (${reason}). The float64 reference computes everything on the CPU instead.`;
    return null;
  }
}

async function compute(mode: Mode, context: Context | null, x: Array4): Promise<void> {
  const card = cards.get(mode)!;
  delete card.dataset['failed'];
  try {
    const exact = mode.cpu(x, style).data;
    if (!context) {
      fillCard(card, mode, { before: x.data, after: exact, difference: null, adapter: 'the CPU' });
      return;
    }
    using input = context.tensor(x.data, x.shape);
    using styled = context.tensor(style.data, style.shape);
    using result = mode.gpu(context, input, styled);
    const after = await result.read();
    fillCard(card, mode, {
      before: x.data,
      after,
      difference: largestDifference(after, exact),
      adapter: adapterOf(context),
    });
  } catch (problem) {
    failCard(card, problem);
  }
}

async function show(image: ImageData, context: Context | null): Promise<void> {
  page.dataset['state'] = 'busy';
  const x = batchOf(image);
  draw(element<HTMLCanvasElement>('batch'), x.data, (value) => value);
  element('shape').textContent = `[${x.shape.join(', ')}]`;
  for (const mode of modes) {
    await compute(mode, context, x);
    await new Promise((resolve) => setTimeout(resolve));
  }
  page.dataset['state'] = [...cards.values()].some((card) => card.dataset['failed']) ? 'error' : 'ready';
}

/** Takes a visitor's file, or says why not. */
async function take(file: File | undefined, context: Context | null): Promise<void> {
  if (!file) return;
  const problem = element('problem');
  try {
    const image = await fromFile(file);
    problem.hidden = true;
    await show(image, context);
  } catch {
    problem.hidden = false;
    problem.textContent = `${file.name} could not be read as a picture (${file.type || 'of unknown type'}). Try a PNG, JPEG or WebP file.`;
  }
}

element('legend').innerHTML = drawShares([0, 2, 3]);
element('cards').append(...cards.values());
const context = await openGpu();

const file = element<HTMLInputElement>('file');
file.addEventListener('change', () => void take(file.files?.[0], context));
element('reset').addEventListener('click', () => void show(sunset(), context));
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
  void take(event.dataTransfer?.files[0], context);
});

await show(sunset(), context);
