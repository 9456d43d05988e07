import type { Merge } from './merge.ts';

export interface ReduceOptions {
  /** Default: the sum. The same on all members. */
  merge?: Merge | undefined;
  /** The name of what is reduced, which members compare and errors name: of what, and of what shape. Default: `'allReduce'`. */
  label?: string | undefined;
}

/**
 * Members that compute together. {@link joinGroup} makes one over any channel; another engine for collective operations serves as
 * well, if `allReduce` gives all members the same bits.
 */
export interface Group {
  /** The place of this member among those who are left, from 0. */
  readonly rank: number;
  /** How many members are left. */
  readonly size: number;
  /**
   * Merges all members' numbers, as many on each: the same bits for all. Members make the same calls in the same order.
   *
   * @throws NormError (rejects) `peer` where a member left or was lost and that ends the group, `mismatch` where members reduce
   * different things.
   */
  allReduce(data: Float32Array, options?: ReduceOptions): Promise<Float32Array<ArrayBuffer>>;
  /** Tells the others, and closes the channel. */
  leave(): void;
}
