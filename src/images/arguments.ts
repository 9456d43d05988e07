import { NormError } from '../errors.ts';
import { formatName } from '../options/format-value.ts';
import { isFloat } from '../problem/dtype.ts';
import type { Dtype, FloatDtype } from '../problem/dtype.ts';

/** Where a tensor of images has its channels. */
export type ImageLayout = 'NCHW' | 'NHWC';

const LAYOUTS: readonly ImageLayout[] = ['NCHW', 'NHWC'];

/** @throws NormError `layout`. */
export function checkImageLayout(op: string, layout: unknown): asserts layout is ImageLayout {
  if ((LAYOUTS as readonly unknown[]).includes(layout)) return;
  throw new NormError('layout', `${op}: layout is ${formatName(layout)}; it must be one of ${LAYOUTS.join(', ')}`);
}

/** @throws NormError `dtype`. */
export function checkFloatName(op: string, dtype: unknown): asserts dtype is FloatDtype {
  if (typeof dtype === 'string' && isFloat(dtype as Dtype)) return;
  throw new NormError('dtype', `${op}: dtype is ${formatName(dtype)}; it must be f32, f16 or bf16`);
}
