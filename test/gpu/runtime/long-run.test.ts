import { expect, it } from 'vitest';
import {
  batchNorm,
  createContext,
  layerNorm,
  layerNormBackward,
  layerNormForward,
  moments,
} from '../../../src/index.ts';
import type { Context, MemoryReport, Tensor } from '../../../src/index.ts';
import { MOST } from '../../../src/runtime/bounds.ts';
import { gpu, runtime } from '../../setup/gpu.ts';
import { collect } from '../support/collect.ts';
import { Random } from '../support/random.ts';
import { seed } from '../support/seed.ts';

/**
 * A page that stays open: many calls over many shapes, some of which come again. `LONG_RUN=100000` makes so many calls, over a twentieth as
 * many shapes; without it there are fewer, in Dawn alone.
 */
const CALLS = Number(import.meta.env['LONG_RUN'] ?? 3000);
const SHAPES = CALLS / (import.meta.env['LONG_RUN'] ? 20 : 10);
const LENGTH = 16;
const SAMPLES = 24;

const random = new Random(seed);
const pick = (count: number): number => Math.floor(random.uniform() * count);
const data = random.normals((SHAPES + 3) * LENGTH, 0.5);

/** Numbers of a call with so many rows: forward and backward, statistics of rows and of columns. */
function call(context: Context, rows: number, recorded = false): Tensor {
  const encoder = recorded ? context.device.createCommandEncoder() : null;
  const options = encoder ? { encoder } : {};
  using x = context.tensor(data.subarray(rows % LENGTH, (rows % LENGTH) + rows * LENGTH), [rows, LENGTH]);
  const { y, saved } = layerNormForward(x, { eps: rows * 1e-6, ...options });
  using kept = saved;
  using middle = y;
  const { dx } = layerNormBackward(middle, kept, { gradients: ['dx'], ...options });
  using normalized = batchNorm(dx, { training: true, ...options });
  dx.destroy();
  using measured = moments(normalized, { axes: [0], ...options });
  const result = layerNorm(normalized, { bias: measured.variance, ...options });
  if (encoder) context.device.queue.submit([encoder.finish()]);
  return result;
}

const held = ({ inUse, idle }: MemoryReport): number => inUse + idle;
const heap = (): number => (runtime === 'Dawn' ? process.memoryUsage().heapUsed : 0);

it.skipIf(runtime !== 'Dawn' && !import.meta.env['LONG_RUN'])(
  `${CALLS} calls over ${SHAPES} shapes: memory, heap and what is compiled stay as they are`,
  { timeout: 7_200_000 },
  async () => {
    using context = await createContext({ gpu: await gpu() });
    const marks: (MemoryReport & { heap: number })[] = [];
    const late: Tensor[] = [];
    const samples = new Map<number, Float32Array>();
    for (let count = 1; count <= CALLS; count++) {
      const rows = 2 + pick(SHAPES);
      const result = call(context, rows, count % 7 === 0);
      if (count > CALLS / 2 && samples.size < SAMPLES) samples.set(rows, await result.read());
      if (count % 10 > 0) late.push(result); // Every tenth is dropped.
      if (late.length > 20) late.splice(pick(21), 1)[0]!.destroy();
      if (count % 50 === 0) await context.device.queue.onSubmittedWorkDone();
      if (count % Math.floor(CALLS / 4) > 0) continue;
      await collect?.();
      marks.push({ ...context.memory(), heap: heap() });
    }
    console.log(marks.map((mark) => JSON.stringify({ ...mark, held: held(mark) })).join('\n'));
    const [, middle, , end] = marks;
    for (const { idle, inUse, plans, bindGroups, pipelines, uniformSlots } of marks) {
      expect(idle).toBeLessThanOrEqual(Math.max(64 * 2 ** 20, inUse / 4));
      expect(plans).toBeLessThanOrEqual(MOST.forwardPlans + MOST.followingPlans + MOST.otherPlans);
      expect(bindGroups).toBeLessThanOrEqual(MOST.bindGroups);
      expect(pipelines).toBeLessThanOrEqual(MOST.pipelines);
      expect(uniformSlots).toBeLessThanOrEqual(MOST.uniformSlots);
    }
    expect(end!.peak).toBeLessThanOrEqual(middle!.peak * 1.25);
    expect(end!.heap).toBeLessThanOrEqual(middle!.heap * 1.1 + 2 ** 20);
    late.forEach((tensor) => tensor.destroy());

    const { device } = await createContext({ gpu: await gpu() });
    for (const [rows, wanted] of samples) {
      using fresh = await createContext({ device });
      using result = call(fresh, rows);
      expect(await result.read(), `${rows} rows`).toEqual(wanted);
    }
    device.destroy();
  },
);
