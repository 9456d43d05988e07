// A work item is one invocation's: nothing to exchange.

import package::vector::scalar::{Accumulator, AccumulatorBits};
import package::work_item::{WorkItem};
import package::pass::{WORKGROUP};

struct Pair {
    a: Accumulator,
    b: Accumulator,
}

// Invocations of an item, and the power of two that those are.
fn lanes() -> u32 { return 1u; }
fn lane_bits() -> u32 { return 0u; }

fn item_of(workgroup: u32, local: u32) -> u32 { return workgroup * WORKGROUP + local; }
fn lane_of(local: u32) -> u32 { return 0u; }

fn reduce_sums(item: WorkItem, pair: Pair) -> Pair { return pair; }
fn reduce_sum_and_max(item: WorkItem, pair: Pair) -> Pair { return pair; }
fn reduce_peak(item: WorkItem, peak: AccumulatorBits, count: u32) -> AccumulatorBits { return peak; }
