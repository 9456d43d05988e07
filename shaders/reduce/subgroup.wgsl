// A work item is that of LANES neighbours of a subgroup, at most as many as the smallest subgroup has: they exchange without memory and
// without a barrier, whatever the size of the subgroup. That neighbours in the workgroup are neighbours in a subgroup is not promised: it
// is tried out before this file is used (probe/subgroup_lanes).

import package::vector::scalar::{Accumulator, AccumulatorBits};
import package::work_item::{WorkItem};
import package::pass::{WORKGROUP, LANES};

enable subgroups;

struct Pair {
    a: Accumulator,
    b: Accumulator,
}

const STEPS = countTrailingZeros(LANES);

// Invocations of an item, and the power of two that those are.
fn lanes() -> u32 { return LANES; }
fn lane_bits() -> u32 { return STEPS; }

fn item_of(workgroup: u32, local: u32) -> u32 { return workgroup * (WORKGROUP / LANES) + local / LANES; }
fn lane_of(local: u32) -> u32 { return local % LANES; }

// Two pairs as one: both sums, or a sum and the larger.
fn joined(one: Pair, other: Pair, peak: bool) -> Pair {
    if (peak) {
        return Pair(one.a + other.a, max(one.b, other.b));
    }
    return Pair(one.a + other.a, one.b + other.b);
}

fn reduce(item: WorkItem, pair: Pair, peak: bool) -> Pair {
    var all = pair;
    for (var step = 0u; step < STEPS; step++) {
        let mask = 1u << step;
        all = joined(all, Pair(subgroupShuffleXor(all.a, mask), subgroupShuffleXor(all.b, mask)), peak);
    }
    return all;
}

fn reduce_sums(item: WorkItem, pair: Pair) -> Pair { return reduce(item, pair, false); }
fn reduce_sum_and_max(item: WorkItem, pair: Pair) -> Pair { return reduce(item, pair, true); }

// The largest of what so many neighbouring lanes have, a power of two.
fn reduce_peak(item: WorkItem, peak: AccumulatorBits, count: u32) -> AccumulatorBits {
    var all = peak;
    for (var step = 0u; step < countTrailingZeros(count); step++) {
        all = max(all, subgroupShuffleXor(all, 1u << step));
    }
    return all;
}
