import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../src/reference/layout.ts';

describe('layoutOf', () => {
  it.each([
    { options: {}, shape: [2, 3, 4, 5], layout: { channel: 1, sample: [0], spatial: [2, 3] } },
    { options: { layout: 'NCHW' }, shape: [2, 3, 4, 5], layout: { channel: 1, sample: [0], spatial: [2, 3] } },
    { options: { layout: 'NHWC' }, shape: [2, 3, 4, 5], layout: { channel: 3, sample: [0], spatial: [1, 2] } },
    { options: { layout: 'CN' }, shape: [2, 3], layout: { channel: 0, sample: [1], spatial: [] } },
    { options: { layout: 'CHW' }, shape: [2, 3, 4], layout: { channel: 0, sample: [], spatial: [1, 2] } },
    { options: { channelAxis: -1 }, shape: [2, 3, 4], layout: { channel: 2, sample: [0], spatial: [1] } },
    { options: { channelAxis: 0 }, shape: [2, 3], layout: { channel: 0, sample: [], spatial: [1] } },
  ])('$options of $shape', ({ options, shape, layout }) => {
    expect(layoutOf(shape, options)).toEqual(layout);
  });

  it.each([
    { options: {}, shape: [2] },
    { options: { layout: 'NCHW' }, shape: [2, 3] },
    { options: { layout: 'NXY' }, shape: [2, 3, 4] },
    { options: { layout: 'CHH' }, shape: [2, 3, 4] },
    { options: { layout: 'nc' }, shape: [2, 3] },
    { options: { channelAxis: 2 }, shape: [2, 3] },
    { options: { layout: 'NC', channelAxis: 1 }, shape: [2, 3] },
  ])('refuses $options for $shape', ({ options, shape }) => {
    expect(() => layoutOf(shape, options)).toThrow();
  });
});
