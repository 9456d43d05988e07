import { describe, expect, it } from 'vitest';
import {
  batchNorm,
  mergeMoments,
  moments,
  normalize,
  normalizeBackward,
  normalizeForward,
  rmsNorm,
} from '../../../src/index.ts';
import type { Moments } from '../../../src/index.ts';
import { slopesOf } from '../../reference/differences.ts';
import { openContexts } from '../support/contexts.ts';
import { each, mean, numbersOf, spread, sum } from '../support/formula.ts';
import { Random } from '../support/random.ts';
import { relativeError } from '../support/run.ts';

/** docs/models.md, what takes more than one call. */

const contexts = Object.entries(await openContexts());
const BOUND = 2 ** -19;

describe.each(contexts)('%s plans', (_, context) => {
  it('nGPT: h = norm(h + alpha · (norm(a) - h)), and its gradient', async () => {
    const shape = [2, 3, 9];
    const random = new Random(9);
    const data = {
      h: random.normals(54),
      a: random.normals(54),
      alpha: random.normals(9, 0.2, 0.1),
      dy: random.normals(54),
    };
    const exact = { h: Float64Array.from(data.h), a: Float64Array.from(data.a), alpha: Float64Array.from(data.alpha) };
    const formula = (): Float64Array => {
      const [h, a, alpha] = [numbersOf(exact.h, shape), numbersOf(exact.a, shape), numbersOf(exact.alpha, [9])];
      return each(shape, (n, t, c) => {
        const norm = Math.sqrt(sum([9], (k) => a.at(n, t, k) ** 2));
        const moved = (k: number): number => h.at(n, t, k) + alpha.at(k) * (a.at(n, t, k) / norm - h.at(n, t, k));
        return moved(c) / Math.sqrt(sum([9], (k) => moved(k) ** 2));
      });
    };

    const unit = { axes: [-1], statistic: 'l2' } as const;
    const [h, a, dy] = [data.h, data.a, data.dy].map((numbers) => context.tensor(numbers, shape));
    const alpha = context.tensor(data.alpha, [9]);
    const kept = context.tensor(
      data.alpha.map((value) => 1 - value),
      [9],
    );
    const step = normalizeForward(a!, { ...unit, weight: alpha });
    const next = normalizeForward(step.y, { ...unit, residual: h!, gate: kept });
    expect(relativeError(await next.y.read(), formula())).toBeLessThanOrEqual(BOUND);
    expect(await normalize(step.y, { ...unit, residual: h!, gate: kept }).read()).toEqual(await next.y.read());

    const back = normalizeBackward(dy!, next.saved, { gradients: ['dx', 'dresidual', 'dgate'] });
    const first = normalizeBackward(back.dx, step.saved, { gradients: ['dx', 'dweight'] });
    const [ofWeight, ofGate] = [await first.dweight.read(), await back.dgate.read()];
    const loss = (): number => formula().reduce((total, value, index) => total + value * data.dy[index]!, 0);
    const actual = {
      h: await back.dresidual.read(),
      a: await first.dx.read(),
      alpha: ofWeight.map((value, index) => value - ofGate[index]!),
    };
    for (const name of ['h', 'a', 'alpha'] as const) {
      expect(relativeError(actual[name], slopesOf(loss, exact[name])), name).toBeLessThanOrEqual(2 ** -17);
    }
  });

  it('a stream: each part by the mean and variance of all there was up to it', async () => {
    // Channels and frames: one set of statistics, a weight and a bias for each channel.
    const [channels, frames, part] = [5, 9, 3];
    const random = new Random(45);
    const x = random.normals(channels * frames, 2);
    const [gamma, beta] = [random.normals(channels), random.normals(channels)];
    const scale = context.tensor(
      gamma.map((value) => value - 1),
      [1, 1, channels, 1],
    );
    const shift = context.tensor(beta, [1, 1, channels, 1]);
    const stream = numbersOf(x, [channels, frames]);
    let soFar: Moments | null = null;
    for (let from = 0; from < frames; from += part) {
      const numbers = each([channels, part], (c, t) => stream.at(c, from + t));
      const chunk = context.tensor(Float32Array.from(numbers), [1, 1, channels, part]);
      const own = moments(chunk, { axes: [0, 2, 3] });
      soFar = soFar ? mergeMoments([soFar, own]) : own;
      const y = batchNorm(chunk, { training: true, moments: soFar, modulation: { scale, shift } });
      const past = spread([channels, from + part], (c, t) => stream.at(c, t));
      const exact = each([channels, part], (c, t) => {
        const normalized = (stream.at(c, from + t) - past.mean) / Math.sqrt(past.variance + 1e-5);
        return normalized * gamma[c]! + beta[c]!;
      });
      expect(relativeError(await y.read(), exact), `frames from ${from}`).toBeLessThanOrEqual(BOUND);
    }
  });

  it('Qwen3: heads of queries normalized and rotated', async () => {
    const [tokens, heads, size] = [3, 2, 6];
    const random = new Random(46);
    const q = random.normals(tokens * heads * size);
    const [weight, angles] = [random.normals(size), random.normals((tokens * size) / 2)];
    const tensor = (data: Float32Array<ArrayBuffer>, ...shape: number[]) => context.tensor(data, shape);
    const rotary = {
      cos: tensor(angles.map(Math.cos), tokens, size / 2),
      sin: tensor(angles.map(Math.sin), tokens, size / 2),
      tokenAxis: 1,
    };
    const x = tensor(q, 1, tokens, heads, size);
    const y = await rmsNorm(x, { weight: tensor(weight, size), eps: 1e-6, rotary }).read();
    const [given, angle] = [numbersOf(q, [tokens, heads, size]), numbersOf(angles, [tokens, size / 2])];
    const exact = each([tokens, heads, size], (t, h, d) => {
      const head = Math.sqrt(mean([size], (k) => given.at(t, h, k) ** 2) + 1e-6);
      const u = (k: number): number => (given.at(t, h, k) / head) * weight[k]!;
      const pair = d % (size / 2);
      const [a, b] = [u(pair), u(pair + size / 2)];
      const [cos, sin] = [Math.cos(angle.at(t, pair)), Math.sin(angle.at(t, pair))];
      return d < size / 2 ? a * cos - b * sin : b * cos + a * sin;
    });
    expect(relativeError(y, exact)).toBeLessThanOrEqual(BOUND);
  });

  it('DeepSeek: the latent of keys and values, which lies beside others', async () => {
    const [tokens, latent, row] = [5, 8, 12];
    const random = new Random(47);
    const [data, weight] = [random.normals(tokens * row), random.normals(latent)];
    const all = context.tensor(data, [tokens, row]);
    const { buffer, byteOffset } = all;
    const c = context.wrap(buffer, { shape: [tokens, latent], strides: [row, 1], byteOffset });
    const y = await rmsNorm(c, { weight: context.tensor(weight, [latent]), eps: 1e-6 }).read();
    const given = numbersOf(data, [tokens, row]);
    const exact = each([tokens, latent], (t, k) => {
      const rms = Math.sqrt(mean([latent], (j) => given.at(t, j) ** 2) + 1e-6);
      return (given.at(t, k) / rms) * weight[k]!;
    });
    expect(relativeError(y, exact)).toBeLessThanOrEqual(BOUND);
  });
});
