import type { Tiling } from '../tiling/tiling.ts';
import type { Operands } from './operands.ts';

/** The scales of a quantized result, and what of a group shares one. */
export function quantizationOperands({ problem, vectorization, schedule }: Tiling): Operands {
  const { quantization } = problem;
  if (!quantization) return { choose: {}, constants: {}, bindings: [] };
  const { span, spans, given } = quantization;
  const { elementsPerLoad } = vectorization;
  const { lanes } = schedule;
  const spanLoads = span === null ? lanes : span / elementsPerLoad;
  return {
    choose: {},
    constants: {
      SPANS_GROUP: span === null,
      SPAN_LANES: Math.min(spanLoads, lanes),
      SPAN_LOADS: Math.max(1, spanLoads / lanes),
    },
    bindings: [
      given
        ? { name: 'given_scales', resource: 'scales', type: given.group === 0 ? 'f32' : 'Accumulator', access: 'read' }
        : { name: 'scales', resource: 'scales', type: 'Accumulator', access: 'write' },
    ],
    uniforms: { scale_group: given?.group ?? spans, scale_span: given?.span ?? 1 },
  };
}
