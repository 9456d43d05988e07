// A work item is that of so many neighbours of a workgroup, a number that is part of the shape: each SUBGROUP of them, or if they are fewer those,
// exchange without memory (see reduce/subgroup), then where there are several times SUBGROUP all through workgroup memory, with one barrier.
// Every other reduction uses the other half of that memory, so that nobody writes what somebody still reads.

import package::vector::scalar::{Accumulator, AccumulatorBits};
import package::work_item::{WorkItem};
import package::pass::{shape, WORKGROUP, SUBGROUP};

enable subgroups;

struct Pair {
    a: Accumulator,
    b: Accumulator,
}

const STEPS = countTrailingZeros(SUBGROUP);
const SUBGROUPS = max(WORKGROUP / SUBGROUP, 1u);
// Subgroups whose sums are read at once.
const PAIRS_AT_ONCE = 4u;

var<workgroup> of_subgroups: array<Pair, 2u * SUBGROUPS>;
var<private> turn: u32;

// Invocations of an item, and the power of two that those are.
fn lanes() -> u32 { return shape.lanes; }
fn lane_bits() -> u32 { return shape.lane_bits; }

fn item_of(workgroup: u32, local: u32) -> u32 { return workgroup * (WORKGROUP >> lane_bits()) + (local >> lane_bits()); }
fn lane_of(local: u32) -> u32 { return local & (lanes() - 1u); }

// Two pairs as one: both sums, or a sum and the larger.
fn joined(one: Pair, other: Pair, peak: bool) -> Pair {
    if (peak) {
        return Pair(one.a + other.a, max(one.b, other.b));
    }
    return Pair(one.a + other.a, one.b + other.b);
}

// Shares what the invocation's subgroup has with the workgroup: where that of the item's first subgroup lies.
fn shared_from(item: WorkItem, pair: Pair) -> u32 {
    let half = turn * SUBGROUPS;
    turn = 1u - turn;
    if (item.place % SUBGROUP == 0u) {
        of_subgroups[half + item.place / SUBGROUP] = pair;
    }
    workgroupBarrier();
    return half + (item.place - item.lane) / SUBGROUP;
}

fn reduce(item: WorkItem, pair: Pair, peak: bool) -> Pair {
    var own = pair;
    for (var step = 0u; step < STEPS; step++) {
        let mask = 1u << step;
        if (mask < lanes()) {
            own = joined(own, Pair(subgroupShuffleXor(own.a, mask), subgroupShuffleXor(own.b, mask)), peak);
        }
    }
    if (lanes() <= SUBGROUP) {
        return own;
    }
    let subgroups = lanes() / SUBGROUP;
    let first = shared_from(item, own);
    var all = of_subgroups[first];
    for (var k = 1u; k < SUBGROUPS; k += PAIRS_AT_ONCE) {
        if (k < subgroups) {
            var some: array<Pair, PAIRS_AT_ONCE>;
            for (var next = 0u; next < PAIRS_AT_ONCE; next++) {
                some[next] = of_subgroups[first + min(k + next, subgroups - 1u)];
            }
            for (var next = 0u; next < PAIRS_AT_ONCE; next++) {
                if (k + next < subgroups) {
                    all = joined(all, some[next], peak);
                }
            }
        }
    }
    return all;
}

fn reduce_sums(item: WorkItem, pair: Pair) -> Pair { return reduce(item, pair, false); }
fn reduce_sum_and_max(item: WorkItem, pair: Pair) -> Pair { return reduce(item, pair, true); }

var<workgroup> peaks: array<AccumulatorBits, 2u * SUBGROUPS>;

// The largest of what so many neighbouring lanes have, a power of two: no barrier where those are of one subgroup.
fn reduce_peak(item: WorkItem, peak: AccumulatorBits, count: u32) -> AccumulatorBits {
    var all = peak;
    for (var step = 0u; step < min(countTrailingZeros(count), STEPS); step++) {
        all = max(all, subgroupShuffleXor(all, 1u << step));
    }
    if (count <= SUBGROUP) {
        return all;
    }
    let half = turn * SUBGROUPS;
    turn = 1u - turn;
    if (item.place % SUBGROUP == 0u) {
        peaks[half + item.place / SUBGROUP] = all;
    }
    workgroupBarrier();
    let first = half + (item.place - item.lane % count) / SUBGROUP;
    for (var k = 0u; k < count / SUBGROUP; k++) {
        all = max(all, peaks[first + k]);
    }
    return all;
}
