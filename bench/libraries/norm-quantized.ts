import { rmsNormQuantized } from '../../src/index.ts';
import { EPS } from '../cases/case.ts';
import type { Case } from '../cases/case.ts';
import type { Arrays, OwnDevice } from './device.ts';
import type { Recorded } from './recorded.ts';

/** The forward call of a case whose result is quantized, a scale a row: RMSNorm over the last axis. */
export function quantizedForward({ context }: OwnDevice, { shape }: Case, arrays: Arrays): Recorded {
  const { x, residual, residualOut, parameters } = arrays;
  const { weight } = parameters;
  const out = x.map(() => ({
    y: context.empty(shape, { dtype: 'i8' }),
    scales: context.empty([...shape.slice(0, -1), 1]),
  }));
  const options = x.map((_, copy) => ({
    eps: EPS,
    weight,
    ...(residual[copy] && { residual: residual[copy], residualOut: residualOut[copy] }),
    out: out[copy],
  }));
  return {
    record: (encoder, copy) => void rmsNormQuantized(x[copy]!, { ...options[copy]!, encoder }),
    call: (copy) => void rmsNormQuantized(x[copy]!, options[copy]),
    read: async () => {
      const { y, scales } = out[0]!;
      return {
        y: await y.read(),
        scales: await scales.read(),
        ...(residualOut[0] && { residualOut: await residualOut[0].read() }),
      };
    },
    destroy: () => {
      for (const { y, scales } of out) {
        y.destroy();
        scales.destroy();
      }
    },
  };
}
