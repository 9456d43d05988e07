import { pairDistance } from '../../problem/rotary.ts';
import type { Binding } from '../plan.ts';
import { positionConstants } from './operands.ts';
import type { Operands, OperandTiling } from './operands.ts';

const NOTHING: Operands = { choose: {}, constants: {}, bindings: [] };

/** Operands of a rotation of y, or of the gradient that arrives at it: how pairs lie in loads (shaders/rotation), tables and positions. */
export function rotaryOperands({ problem: { rotary }, vectorization }: OperandTiling): Operands {
  if (!rotary) return NOTHING;
  const { pairs, interleaved, positions, rows } = rotary;
  const position = vectorization.maps['position']!;
  const scaled = positionConstants(vectorization);
  // Where the axis of pairs is not the innermost, the counter goes through others between its neighbours; one load may hold all pairs.
  const skip = [...position.group, ...position.element][0]?.skip ?? 1;
  const rotation = interleaved && vectorization.vector !== 'scalar' ? 'adjacent' : 'split';
  const table = (name: 'cos' | 'sin'): Binding => ({
    name,
    resource: name,
    type: rotation === 'adjacent' ? 'f32' : 'Value',
    dtype: rotary[name],
    access: 'read',
  });
  return {
    choose: { rotation },
    constants: {
      ...scaled,
      INTERLEAVED: interleaved,
      PAIRS_ALONG_GROUPS: position.group.length > 0,
    },
    bindings: [
      table('cos'),
      table('sin'),
      ...(positions
        ? [{ name: 'positions', resource: 'positions', type: 'u32', dtype: 'u32', access: 'read' } as const]
        : []),
    ],
    uniforms: {
      rotary_pairs: pairs,
      rotary_distance: rotation === 'adjacent' ? 1 : (pairDistance(rotary) * skip) / scaled['POSITION_SCALE']!,
      rotary_rows: rows,
    },
  };
}
