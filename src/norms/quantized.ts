import type { Definition } from '../problem/definition.ts';
import { QUANTIZATION } from '../problem/quantization.ts';
import type { QuantizationOptions } from '../problem/quantization.ts';
import { layerNormDefinition, normalizedAxes } from './layer-norm.ts';
import type { LayerNormOptions } from './layer-norm.ts';
import { rmsNormDefinition } from './rms-norm.ts';
import type { RmsNormOptions } from './rms-norm.ts';

/** What is not quantized: it is stored as i8, and sequences are of more than rows. */
const EXCLUDED = ['outputDtype', 'segments'] as const;
type Excluded = (typeof EXCLUDED)[number];

/** As of LayerNorm, and how the result is quantized. */
export interface LayerNormQuantizedOptions<T> extends Omit<LayerNormOptions<T>, Excluded>, QuantizationOptions<T> {}

/** As of RMSNorm, and how the result is quantized. */
export interface RmsNormQuantizedOptions<T> extends Omit<RmsNormOptions<T>, Excluded>, QuantizationOptions<T> {}

export const layerNormQuantizedDefinition: Definition<LayerNormQuantizedOptions<unknown>> = /* @__PURE__ */ quantizing(
  'layerNormQuantized',
  layerNormDefinition,
);

export const rmsNormQuantizedDefinition: Definition<RmsNormQuantizedOptions<unknown>> = /* @__PURE__ */ quantizing(
  'rmsNormQuantized',
  rmsNormDefinition,
);

/** A normalization over rows whose result is quantized: i8 is what it is stored as. */
function quantizing<O extends LayerNormOptions<unknown>>(
  op: string,
  { options, ...definition }: Definition<O>,
): Definition<Omit<O, Excluded> & QuantizationOptions<unknown>> {
  return {
    ...definition,
    op,
    options: [...options.filter((name) => !EXCLUDED.some((one) => one === name)), ...QUANTIZATION] as never,
    axes: (shape, { axes }) => normalizedAxes(op, shape, axes),
    quantizes: true,
  };
}
