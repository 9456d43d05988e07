import * as Comlink from 'comlink';
import { Relay } from 'webgpu-norm/sync';
import { CHANNELS } from './channels.ts';
import { BATCH, STEPS, takePart } from './member.ts';
import type { Outcome } from './member.ts';

/** `?over=broadcast`, `ws`, `trystero` or `workers`; `&relay=ws://…` of relay.mjs; `&size=2`. */
const query = new URLSearchParams(location.search);
const over = query.get('over') ?? 'broadcast';
const relay = query.get('relay') ?? 'ws://localhost:8080';
const size = Number(query.get('size') ?? 2);
const ways = [...Object.keys(CHANNELS), 'workers'];

/** Relative to the largest value: rounding, over all steps. */
const MOST_DIFFERENCE = 1e-5;

/** What a worker exposes. */
interface WorkerApi {
  takePart(relay: Relay, size: number): Promise<Outcome>;
}

/** Workers of this page instead; the outcome of the first. */
async function trainWorkers(): Promise<Outcome> {
  const between = new Relay();
  const workers = Array.from({ length: size }, () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const broken = new Promise<never>((_, reject) =>
      worker.addEventListener('error', ({ message }) => reject(new Error(`a worker failed: ${message}`))),
    );
    return { worker, broken };
  });
  try {
    const outcomes = workers.map(async ({ worker, broken }) =>
      Promise.race([Comlink.wrap<WorkerApi>(worker).takePart(Comlink.proxy(between), size), broken]),
    );
    const [first, ...others] = await Promise.all(outcomes);
    if (others.some(({ digest }) => digest !== first!.digest)) throw new Error('the workers have different parameters');
    return first!;
  } finally {
    for (const { worker } of workers) worker.terminate();
  }
}

async function run(): Promise<void> {
  if (!ways.includes(over)) throw new Error(`over is ${over}; it must be one of ${ways.join(', ')}`);
  if (!(Number.isInteger(size) && size > 0)) {
    throw new Error(`size is ${query.get('size')}; it must be a whole number from 1 on`);
  }
  const open = CHANNELS[over];
  const { rank, samples, losses, digest, differences, adapter } = open
    ? await takePart(await open(relay), size)
    : await trainWorkers();
  for (const row of document.querySelectorAll<HTMLTableRowElement>('#rows tr')) {
    const [name, cell] = row.cells;
    const difference = differences[name!.textContent as keyof typeof differences];
    cell!.textContent = difference.toExponential(1);
    row.classList.toggle('failed', !(difference <= MOST_DIFFERENCE));
    row.dataset['difference'] = String(difference);
  }
  element('part').textContent =
    `Rank ${rank} had ${samples} of the ${BATCH} samples of each batch; in ${STEPS} steps the loss went from ` +
    `${losses[0]!.toFixed(3)} to ${losses.at(-1)!.toFixed(3)}. Parameters, as on every member: ${digest.slice(0, 16)}…`;
  Object.assign(document.documentElement.dataset, { rank, digest });
  const agree = Object.values(differences).every((difference) => difference <= MOST_DIFFERENCE);
  const end = agree ? 'end' : 'do not end';
  say(
    `${size} ${open ? 'pages' : 'workers'} ${end} with the numbers of one large batch, on ${adapter}.`,
    agree ? 'done' : 'error',
  );
}

function element(id: string): HTMLElement {
  return document.getElementById(id)!;
}

function say(words: string, state: 'done' | 'error'): void {
  element('status').textContent = words;
  element('status').classList.toggle('none', state === 'error');
  document.documentElement.dataset['state'] = state;
}

(element('again') as HTMLAnchorElement).href = location.href;
await run().catch((problem: unknown) => say(problem instanceof Error ? problem.message : String(problem), 'error'));
