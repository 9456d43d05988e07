import * as Comlink from 'comlink';
import type { Listener, Run } from './settings.ts';
import type { Trainer } from './worker/trainer.ts';

/** A worker that trains, as the page knows it. */
export interface OpenTrainer {
  /** See {@link Trainer.train}; rejects where the worker itself fails, too. */
  train(run: Run, listener: Listener): Promise<boolean>;
  pause(): void;
  resume(): void;
  stop(): void;
  close(): void;
}

/** Starts the worker. */
export function openTrainer(): OpenTrainer {
  const worker = new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' });
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => reject(new Error(message || 'the worker could not be loaded')));
  });
  failed.catch(() => {}); // Nobody waits while nothing is trained.
  const trainer = Comlink.wrap<Trainer>(worker);
  return {
    train: async (run, listener) => Promise.race([trainer.train(run, Comlink.proxy(listener)), failed]),
    pause: () => void trainer.pause(),
    resume: () => void trainer.resume(),
    stop: () => void trainer.stop(),
    close: () => worker.terminate(),
  };
}

/** Why nothing can be trained in this browser; undefined where it can. */
export async function whyNot(): Promise<string | undefined> {
  if (!navigator.gpu) return 'this browser has no WebGPU';
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  return adapter ? undefined : 'WebGPU offers no adapter here';
}

export const inWords = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem));
