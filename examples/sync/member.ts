import { createContext } from 'webgpu-norm';
import { broadcastParameters, joinGroup } from 'webgpu-norm/sync';
import type { Channel } from 'webgpu-norm/sync';
import { batches, drawPictures, PIXELS } from '../train/data.ts';
import type { Pictures } from '../train/data.ts';
import { Random } from '../train/random.ts';
import { Network } from './network.ts';

export const STEPS = 30;
export const BATCH = 64;
const SEED = 1;

export interface Outcome {
  rank: number;
  /** Samples of each batch that this member had. */
  samples: number;
  losses: Float32Array;
  /** SHA-256 of the parameters: that of all members is the same. */
  digest: string;
  /** From one network that had whole batches: relative to the largest value. */
  differences: Record<'losses' | 'parameters' | 'running statistics', number>;
  adapter: string;
}

/** What a member does, in a page or a worker: it trains with the others, then alone with whole batches, and compares. */
export async function takePart(channel: Channel, size: number): Promise<Outcome> {
  const group = await joinGroup(channel, { size, version: `pictures of ${PIXELS}` });
  using context = await createContext();
  const { rank } = group;
  // Parts of different sizes: each member has more than the one before.
  const [begin, end] = [rank, rank + 1].map((one) => Math.round(BATCH * (one / size) ** 2)) as [number, number];

  // Each draws parameters of its own; rank 0's are those that are trained.
  const random = new Random(SEED + rank, 'weights');
  const together = new Network(context, group, () => random.normal());
  await broadcastParameters(group, together.parameters);
  const alone = new Network(context, null, () => 0);
  alone.parameters.forEach((parameter, index) => parameter.set(together.parameters[index]!));

  const losses = await train(together, ({ pixels, labels }) => ({
    count: end - begin,
    pixels: pixels.slice(begin * PIXELS, end * PIXELS),
    labels: labels.slice(begin, end),
  }));
  group.leave();
  const whole = await train(alone, (batch) => batch);

  const [parameters, ours] = [joined(together.parameters), await statistics(together)];
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', parameters));
  const { vendor, architecture } = context.adapterInfo;
  return {
    rank,
    samples: end - begin,
    losses,
    digest: Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    differences: {
      losses: differenceOf(losses, whole),
      parameters: differenceOf(parameters, joined(alone.parameters)),
      'running statistics': differenceOf(ours, await statistics(alone)),
    },
    adapter: [vendor, architecture].filter(Boolean).join(' · ') || 'an unnamed GPU',
  };
}

async function train(network: Network, partOf: (batch: Pictures) => Pictures): Promise<Float32Array> {
  const source = batches(drawPictures(4 * BATCH, SEED), BATCH, SEED);
  const losses = new Float32Array(STEPS);
  for (let step = 0; step < STEPS; step++) losses[step] = await network.step(partOf(source.next().value));
  return losses;
}

async function statistics({ running: { runningMean, runningVar } }: Network): Promise<Float32Array> {
  return joined([await runningMean.read(), await runningVar.read()]);
}

const joined = (arrays: Float32Array[]): Float32Array<ArrayBuffer> =>
  Float32Array.from(arrays.flatMap((array) => [...array]));

function differenceOf(ours: Float32Array, whole: Float32Array): number {
  const largest = Math.max(...whole.map(Math.abs));
  return Math.max(...whole.map((value, index) => Math.abs(value - ours[index]!))) / largest;
}
