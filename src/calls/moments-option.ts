import { NormError } from '../errors.ts';
import { planeSize, PLANES } from '../plan/plan.ts';
import { checkDtype } from '../problem/parameters.ts';
import { formatShape } from '../problem/shape.ts';
import { checkCount } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import { Tensor } from '../runtime/tensor.ts';
import { checkTensor } from './checks.ts';

/**
 * The tensor that a call reads of the option `moments`.
 *
 * @throws NormError `dtype` where it holds no f32, `option` unless it is what `moments`, `mergeMoments` or `loadMoments` gives, or has its tensors and count.
 */
export function momentsTensor(op: string, moments: unknown): Tensor {
  if (typeof moments !== 'object' || moments === null || moments instanceof Tensor || !('packed' in moments)) {
    throw new NormError(
      'option',
      `${op}: moments is ${formatValue(moments)}; give what moments() or mergeMoments() returns`,
    );
  }
  const { mean, packed, count } = moments as { mean?: unknown; packed: unknown; count?: unknown };
  checkTensor(op, 'mean of moments', mean);
  checkTensor(op, 'packed of moments', packed);
  checkCount(op, 'count of moments', count);
  checkDtype(op, 'packed of moments', packed, 'f32');
  if (packed.size !== planeSize(mean.size) * Object.keys(PLANES).length) {
    throw new NormError(
      'parameter',
      `${op}: packed of moments has shape ${formatShape(packed.shape)}, which is not that of a mean of ` +
        `${formatShape(mean.shape)}; give both of one Moments`,
    );
  }
  return packed;
}
