import * as jax from '@jax-js/jax';
import { batchNorm, batchNormTracked, connect, layerNorm } from 'webgpu-norm/jax';
import type { Running } from 'webgpu-norm/jax';

const { numpy: np } = jax;
const POINTS = 128;
const WIDTH = 32;
const STEPS = 80;

/** Points on two arms of a spiral, the angles of some between those of others; the arm of each is -1 or 1. */
function draw(first: number): { points: jax.Array; arms: jax.Array } {
  const points = new Float32Array(2 * POINTS);
  const arms = Float32Array.from({ length: POINTS }, (_, index) => (index % 2 ? 1 : -1));
  for (let index = 0; index < POINTS; index++) {
    const radius = (index + first) / POINTS;
    const angle = 2 * Math.PI * radius + (index % 2 ? Math.PI : 0);
    points.set([radius * Math.cos(angle), radius * Math.sin(angle)], 2 * index);
  }
  return { points: np.array(points, { shape: [POINTS, 2] }), arms: np.array(arms, { shape: [POINTS, 1] }) };
}

type Parameters = { into: jax.Array; between: jax.Array; weight: jax.Array; bias: jax.Array; out: jax.Array };

function initialize(): Parameters {
  const normal = (seed: number, rows: number, columns: number): jax.Array =>
    jax.random.normal(jax.random.key(seed), [rows, columns]).mul(Math.sqrt(2 / rows));
  return {
    into: normal(1, 2, WIDTH),
    between: normal(2, WIDTH, WIDTH),
    weight: np.ones([WIDTH]),
    bias: np.zeros([WIDTH]),
    out: normal(3, WIDTH, 1),
  };
}

/** What follows the first normalization. Arrays that are given to a function are given up, as everywhere in jax-js: x.ref is one to keep. */
function rest(h: jax.Array, { between, weight, bias, out }: Omit<Parameters, 'into'>): jax.Array {
  const inner = np.matmul(h.ref, between);
  return np.matmul(layerNorm(inner, { residual: h, weight, bias, activation: 'silu' }), out);
}

/** Logistic loss; and new running statistics, which training gives beside what it is differentiated by. */
function lossOf(
  { into, ...others }: Parameters,
  running: Running,
  points: jax.Array,
  arms: jax.Array,
): [jax.Array, Running] {
  const tracked = batchNormTracked(np.matmul(points, into), { ...running, activation: 'silu' });
  const margins = rest(tracked.y, others).mul(arms);
  return [np.log(np.exp(margins.mul(-1)).add(1)).mean(), tracked.running];
}

/** The share of points whose arm is told. */
async function accuracyOf({ into, ...others }: Parameters, running: Running, first: number): Promise<number> {
  const { points, arms } = draw(first);
  const h = batchNorm(np.matmul(points, into), { ...running, activation: 'silu' });
  return Number(await rest(h, others).mul(arms).greater(0).astype(np.float32).mean().data());
}

type Stepped = [[loss: jax.Array, running: Running], slopes: Parameters];

/** Gradient descent with momentum. */
const faster = (velocity: jax.Array, slope: jax.Array): jax.Array => velocity.mul(0.9).add(slope);
const moved = (array: jax.Array, velocity: jax.Array): jax.Array => array.sub(velocity.ref.mul(0.1));

async function run(): Promise<string> {
  if (!(await jax.init('webgpu')).includes('webgpu')) throw new Error('jax-js finds no WebGPU here');
  jax.defaultDevice('webgpu');
  await connect(); // puts the functions on the device of jax-js
  const { points, arms } = draw(0);
  let parameters = initialize();
  let velocities = jax.tree.map((array: jax.Array) => np.zerosLike(array.ref), parameters) as Parameters;
  let running: Running = { runningMean: np.zeros([WIDTH]), runningVar: np.ones([WIDTH]) };
  const step = jax.valueAndGrad(lossOf, { hasAux: true });
  for (let done = 0; done < STEPS; done++) {
    const given = jax.tree.ref({ parameters, points, arms });
    const [[loss, next], slopes] = step(given.parameters, running, given.points, given.arms) as Stepped;
    running = next;
    velocities = jax.tree.map(faster, velocities, slopes) as Parameters;
    parameters = jax.tree.map(moved, parameters, velocities) as Parameters;
    await jax.blockUntilReady([loss, parameters, velocities]);
    loss.dispose();
  }
  const accuracy = await accuracyOf(parameters, running, 0.5);
  return `Told the arm of ${Math.round(100 * accuracy)} % of new points.`;
}

function say(words: string, state: 'done' | 'error'): void {
  document.getElementById('status')!.textContent = words;
  document.documentElement.dataset['state'] = state;
}

await run().then(
  (words) => say(words, 'done'),
  (problem: unknown) => say(problem instanceof Error ? problem.message : String(problem), 'error'),
);
