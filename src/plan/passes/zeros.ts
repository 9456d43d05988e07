import type { Dtype } from '../../problem/dtype.ts';
import type { Pass } from '../plan.ts';
import type { Profile } from '../profile.ts';
import { makePass, oneInvocationEach } from './pass.ts';

/** Sets every element to zero. */
export function zeros(profile: Profile, resource: string, dtype: Dtype, size: number): Pass {
  return makePass(profile, oneInvocationEach(size), {
    kernel: 'zeros',
    choose: { vector: 'scalar' },
    bindings: [{ name: 'dweight', resource, type: 'Accumulator', dtype, access: 'write' }],
  });
}
