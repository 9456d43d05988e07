import type { Tiling } from '../tiling/tiling.ts';
import type { Operands } from './operands.ts';

/** The scales of a quantized result, and what of a group shares one. */
export function quantizationOperands({ problem, vectorization, schedule }: Tiling): Operands {
  const { quantization } = problem;
  if (!quantization) return { choose: {}, constants: {}, bindings: [] };
  const { span, spans, given } = quantization;
  const { elementsPerLoad } = vectorization;
  const { lanes } = schedule;
  const loads = span === null ? lanes : span / elementsPerLoad;
  const isOne = given?.group === 0;
  return {
    choose: {},
    constants: {
      SPANS_GROUP: span === null,
      SPAN_LANES: Math.min(loads, lanes),
      SPAN_LOADS: Math.max(1, loads / lanes),
      SCALES_GIVEN: given !== null,
    },
    bindings: [
      { name: 'scales', resource: 'scales', type: isOne ? 'f32' : 'Accumulator', access: given ? 'read' : 'write' },
    ],
    uniforms: { scale_group: given?.group ?? spans, scale_span: given?.span ?? 1 },
  };
}
