import * as norm from '../../../src/index.ts';
import type { Context, ForwardResult, Tensor } from '../../../src/index.ts';
import type { Float64NdArray, NdArray } from '../../../src/reference/index.ts';
import type { NormApi, NormResult } from '../../conformance/norm-api.ts';

type Call = (x: Tensor, options: Record<string, unknown>) => ForwardResult;

/** Our GPU functions as functions of arrays. */
export function gpuApi(context: Context): NormApi {
  const tensor = ({ data, shape }: NdArray): Tensor => context.tensor(Float32Array.from(data), shape);
  const array = async (from: Tensor): Promise<Float64NdArray> => ({
    data: Float64Array.from(await from.read()),
    shape: from.shape,
  });

  const call =
    (op: keyof NormApi) =>
    async (x: NdArray, options: object): Promise<NormResult> => {
      const given = Object.entries(options).map(
        ([name, value]) => [name, isArray(value) ? tensor(value) : value] as const,
      );
      const all: Record<string, unknown> = Object.fromEntries(given);
      const { y, saved } = (norm[`${op}Forward`] as unknown as Call)(tensor(x), all);
      const result = { y: await array(y), mean: await array(saved.mean), rstd: await array(saved.rstd) };
      if (!all['training']) return result;
      const { runningMean, runningVar } = all as Record<string, Tensor | undefined>;
      return runningMean && runningVar
        ? { ...result, runningMean: await array(runningMean), runningVar: await array(runningVar) }
        : result;
    };

  return {
    layerNorm: call('layerNorm'),
    rmsNorm: call('rmsNorm'),
    batchNorm: call('batchNorm'),
    instanceNorm: call('instanceNorm'),
    groupNorm: call('groupNorm'),
    normalize: call('normalize'),
  };
}

function isArray(value: unknown): value is NdArray {
  return typeof value === 'object' && value !== null && 'data' in value && 'shape' in value;
}
