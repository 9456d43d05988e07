import { afterEach, describe, expect, it, vi } from 'vitest';
import { createContext, layerNorm, mergeMoments, moments, rmsNorm } from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { openContexts } from '../support/contexts.ts';
import { modes } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, callReference, fill, relativeError, upload } from '../support/run.ts';
import * as reference from '../../../src/reference/index.ts';

/** Memory that is given back is used again, and never while somebody still needs what it held. */

const contexts = await openContexts({ specialize: true });
const CLOSE = 32 * 2 ** -24;

afterEach(() => void vi.restoreAllMocks());

describe.each(Object.entries(contexts))('%s plans', (_, context) => {
  const random = new Random(81);
  const [first, second] = [random.normals(32), random.normals(32)];
  const exact = [first, second].map((data) => reference.layerNorm({ data, shape: [4, 8] }).y.data);
  const tensors = [first, second].map((data) => context.tensor(data, [4, 8]));

  it('a tensor may be destroyed as soon as its reading began', async () => {
    for (let round = 0; round < 3; round++) {
      const reading = tensors.map(async (x) => {
        using y = layerNorm(x);
        return y.read();
      });
      const [a, b] = await Promise.all(reading);
      expect(relativeError(a!, exact[0]!)).toBeLessThanOrEqual(CLOSE);
      expect(relativeError(b!, exact[1]!)).toBeLessThanOrEqual(CLOSE);
    }
  });

  it('a destroyed intermediate may be reused by the next call of the same queue', async () => {
    const results = tensors.map((x) => {
      using middle = layerNorm(x);
      return rmsNorm(middle);
    });
    for (const [index, y] of results.entries()) {
      const wanted = reference.rmsNorm({ data: exact[index]!, shape: [4, 8] }).y.data;
      expect(relativeError(await y.read(), wanted)).toBeLessThanOrEqual(CLOSE);
    }
  });

  it('warm moments, merges and saved statistics make no buffers', () => {
    const calls = modes.map((mode) => {
      const filled = fill(mode, mode.call({ N: 3, C: 8, L: 100 }, mode.layouts[0]!), 'both', new Random(82));
      const placed = new Map<string, Tensor>();
      const place = (array: typeof filled.x, name: string): Tensor => {
        if (!placed.has(name)) placed.set(name, upload(context)(array, name));
        return placed.get(name)!;
      };
      return () => {
        const { y, saved } = callGpuForward(filled, place);
        y.destroy();
        saved.destroy();
        const parts = [0, 1].map(() => moments(placed.get('x')!, { axes: [0] }));
        for (const one of [...parts, mergeMoments(parts)]) one.destroy();
      };
    });
    for (let round = 0; round < 2; round++) for (const call of calls) call();
    const made = vi.spyOn(context.device, 'createBuffer');
    for (const call of calls) call();
    expect(made).not.toHaveBeenCalled();
  });

  it('what an encoder is yet to write is not used by anybody else, even destroyed', () => {
    const encoder = context.device.createCommandEncoder();
    const recorded = layerNorm(tensors[0]!, { encoder });
    const { buffer } = recorded;
    recorded.destroy();
    for (let call = 0; call < 3; call++) expect(layerNorm(tensors[1]!).buffer).not.toBe(buffer);
  });

  it('two encoders may be submitted in either order', async () => {
    const { device } = context;
    const shapes = [
      [2, 9000],
      [3, 20_000],
    ] as const;
    const recorded = shapes.map(([rows, length], index) => {
      const data = new Random(83 + index).normals(rows * length);
      const encoder = device.createCommandEncoder();
      const y = layerNorm(context.tensor(data, [rows, length]), { encoder });
      return { encoder, y, wanted: reference.layerNorm({ data, shape: [rows, length] }).y.data };
    });
    for (const { encoder } of recorded.toReversed()) device.queue.submit([encoder.finish()]);
    for (const { y, wanted } of recorded) expect(relativeError(await y.read(), wanted)).toBeLessThanOrEqual(CLOSE);
  });
});

describe('workgroups beyond 65,535', () => {
  /** A workgroup for each of 70,000 rows: a second dimension is needed. */
  it('take two dimensions', async () => {
    const { device } = await createContext({ gpu: await gpu() });
    using context = await createContext({
      device,
      profile: { maxDispatch: 65_535 },
      schedule: { name: 'whole', reduce: 'workgroup', tile: 'memory', lanes: 64 },
    });
    const filled = fill(
      modes[2]!,
      { shape: [70_000, 5], options: {}, affine: [5], tensors: {} },
      'both',
      new Random(84),
    );
    const place = upload(context);
    const [plan] = context.explain(() => layerNorm(context.empty([70_000, 5])));
    expect(plan!.passes[0]!.workgroups[1]).toBeGreaterThan(1);
    const { y } = callGpuForward(filled, place);
    const { weight, bias } = filled.arrays;
    expect(relativeError(await y.read(), callReference(filled), weight, bias)).toBeLessThanOrEqual(CLOSE);
  });
});
