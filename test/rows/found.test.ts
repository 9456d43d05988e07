import { expect, it } from 'vitest';
import { createContext } from '../../src/index.ts';
import type { Place } from './call.ts';
import { NotingDevice } from './noting-device.ts';
import { Row } from './row.ts';

/** What calls in rows found: each was wrong once, and is not. */

it('binds a style that holds another dtype than x where it lies, in pieces', async () => {
  const noting = new NotingDevice();
  using context = await createContext({
    device: noting.device,
    calibrate: false,
    profile: { maxBinding: 20_480, maxWorkgroup: 1, parallel: 1, subgroup: 0, subgroupSize: 0 },
  });
  const place = (buffer: string, shape: number[], dtype: Place['dtype']): Place => {
    return { shape, dtype, lying: 'contiguous', before: 0, buffer };
  };
  const x = place('x', [1, 40, 16, 16], 'f32');
  const tensors = { x, dy: { ...x, buffer: 'dy' }, style: place('style', [1, 40, 7, 37], 'bf16') };
  const row = new Row(context, noting, 'submits');
  const lines = row.call({ op: 'adaptiveInstanceNorm', options: {}, tensors })();
  const bound = lines
    .filter((line) => line.startsWith('backward'))
    .flatMap((line) => line.match(/dstyle\+\d+:\d+/g) ?? []);
  expect(new Set(bound)).toEqual(
    new Set(['dstyle+0:5180', 'dstyle+5120:5240', 'dstyle+10240:5300', 'dstyle+15360:5360']),
  );
});
