import type { FromWorker, Message, Part, Results, ToWorker } from './exchange.ts';

/** A worker as the page sees it. */
class Colleague {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  readonly #inbox: Message<FromWorker>[] = [];
  #wake = (): void => {};

  constructor() {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Message<FromWorker>>) => this.#take(data));
    this.#worker.addEventListener('error', ({ message }) => {
      this.#take({ kind: 'problem', value: message || 'the worker could not be started' });
    });
  }

  #take(message: Message<FromWorker>): void {
    this.#inbox.push(message);
    this.#wake();
  }

  post(message: Message<ToWorker>): void {
    this.#worker.postMessage(message);
  }

  async receive<K extends keyof FromWorker>(kind: K): Promise<FromWorker[K]> {
    while (this.#inbox.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    const message = this.#inbox.shift()!;
    if (message.kind === 'problem') throw new Error(`a worker failed: ${message.value}`);
    if (message.kind !== kind) throw new Error(`a worker sent ${message.kind}, but ${kind} was due`);
    return message.value as FromWorker[K];
  }

  end(): void {
    this.#worker.terminate();
  }
}

/**
 * Synchronized BatchNorm: a worker for each part, between which nothing but a few numbers a channel is passed on.
 *
 * @throws Error (rejects) with what went wrong in a worker.
 */
export async function normalizeInParts(parts: readonly Part[]): Promise<Results[]> {
  const workers = parts.map(() => new Colleague());
  try {
    workers.forEach((worker, index) => worker.post({ kind: 'part', value: parts[index]! }));
    const moments = await Promise.all(workers.map(async (worker) => worker.receive('moments')));
    for (const worker of workers) worker.post({ kind: 'moments', value: moments });
    const sums = await Promise.all(workers.map(async (worker) => worker.receive('sums')));
    for (const worker of workers) worker.post({ kind: 'sums', value: sums });
    return await Promise.all(workers.map(async (worker) => worker.receive('results')));
  } finally {
    for (const worker of workers) worker.end();
  }
}
