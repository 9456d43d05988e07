import {
  batchNormBackward,
  batchNormForward,
  createContext,
  gradientSums,
  loadGradientSums,
  loadMoments,
  mergeGradientSums,
  mergeMoments,
  moments,
} from 'webgpu-norm';
import type { FromWorker, Message, ToWorker } from './exchange.ts';

/** One of the workers: it has a GPU device of its own, and sees its part of the batch only. */

const inbox: Message<ToWorker>[] = [];
let wake = (): void => {};
addEventListener('message', ({ data }: MessageEvent<Message<ToWorker>>) => {
  inbox.push(data);
  wake();
});

const post = (message: Message<FromWorker>): void => postMessage(message);

async function receive<K extends keyof ToWorker>(kind: K): Promise<ToWorker[K]> {
  while (inbox.length === 0) await new Promise<void>((resolve) => (wake = resolve));
  const message = inbox.shift()!;
  if (message.kind !== kind) throw new Error(`${message.kind} came, but ${kind} was due`);
  return message.value as ToWorker[K];
}

async function work(): Promise<void> {
  const { shape, ...part } = await receive('part');
  using context = await createContext();
  const channels = [shape[1]!];
  const x = context.tensor(part.x, shape);
  const dy = context.tensor(part.dy, shape);
  const weight = context.tensor(part.weight, channels);
  const bias = context.tensor(part.bias, channels);

  const local = moments(x, { axes: [0, 2, 3] });
  post({ kind: 'moments', value: await local.read() });
  const allMoments = await receive('moments');
  const merged = mergeMoments(allMoments.map((data) => loadMoments(context, data)));
  const { y, saved } = batchNormForward(x, { training: true, weight, bias, moments: merged });

  const localSums = gradientSums(dy, saved);
  post({ kind: 'sums', value: await localSums.read() });
  const allSums = await receive('sums');
  const sums = mergeGradientSums(allSums.map((data) => loadGradientSums(context, data)));
  const { dx, dweight, dbias } = batchNormBackward(dy, saved, { sums });

  const value = { y: await y.read(), dx: await dx.read(), dweight: await dweight!.read(), dbias: await dbias!.read() };
  post({ kind: 'results', value });
}

work().catch((problem: unknown) =>
  post({ kind: 'problem', value: problem instanceof Error ? problem.message : String(problem) }),
);
