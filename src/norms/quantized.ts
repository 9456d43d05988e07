import { QUANTIZATION } from '../options/names.ts';
import type { Definition } from '../problem/definition.ts';
import { stateQuantization } from '../problem/quantization.ts';
import type { QuantizationOptions } from '../problem/quantization.ts';
import { QUANTIZED_SHADERS } from '../programs/shaders.ts';
import { layerNormDefinition, normalizedAxes } from './layer-norm.ts';
import type { AxesLayerNormOptions, LayerNormOptions } from './layer-norm.ts';
import { rmsNormDefinition } from './rms-norm.ts';
import type { RmsNormOptions } from './rms-norm.ts';

/** Options that quantizing leaves no room for: it is stored as i8, and sequences are of more than rows. */
const EXCLUDED = ['outputDtype', 'segments'] as const;

/** As of LayerNorm, and how the result is quantized; `F` is a tensor of f32. */
export interface LayerNormQuantizedOptions<T, U = T, F = T>
  extends Omit<AxesLayerNormOptions<T, U>, 'segments'>, QuantizationOptions<F> {}

/** As of RMSNorm, and how the result is quantized; `F` is a tensor of f32. */
export interface RmsNormQuantizedOptions<T, U = T, F = T> extends RmsNormOptions<T, U>, QuantizationOptions<F> {}

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
): Definition<Omit<O, 'segments'> & QuantizationOptions<unknown>> {
  return {
    ...definition,
    op,
    options: [...options.filter((name) => !EXCLUDED.some((one) => one === name)), ...QUANTIZATION] as never,
    axes: (shape, { axes }) => normalizedAxes(op, shape, axes),
    states: [...definition.states!, stateQuantization],
    shaders: [...(definition.shaders ?? []), QUANTIZED_SHADERS],
  };
}
