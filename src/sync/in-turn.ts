import type { Group, ReduceOptions } from './group.ts';

/** The last call of each group, and those before it, until they have given it their parts. */
const waiting = new WeakMap<Group, Promise<unknown>>();

/**
 * As {@link Group.allReduce}, of a part that is still being read: the group takes it in the place of this call among the others, since members make
 * their calls in one order, but have what they read in any.
 */
export async function allReduceInTurn(
  group: Group,
  part: Promise<Float32Array>,
  options: ReduceOptions,
): Promise<Float32Array<ArrayBuffer>> {
  const before = waiting.get(group);
  const given = Promise.all([part, before]).then(([numbers]) => ({ merged: group.allReduce(numbers, options) }));
  waiting.set(group, Promise.allSettled([given, before]));
  const { merged } = await given;
  return merged;
}
