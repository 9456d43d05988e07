// A work item is that of so many invocations of a workgroup, a power of two that is part of the shape. They exchange through workgroup memory: first
// some lanes, the side of a square of all, sum up what every so many-th lane has, then all of them what those have. The lanes of an item are
// neighbours, or where neighbouring items have neighbours in memory (COLUMNWISE) as far apart as a workgroup has items.

import package::vector::scalar::{Accumulator, AccumulatorBits};
import package::work_item::{WorkItem};
import package::pass::{shape, WORKGROUP, COLUMNWISE, SIDES};

struct Pair {
    a: Accumulator,
    b: Accumulator,
}

// The side of an item that is all of a workgroup: no other has more to read, nor more at a time.
const MOST_ON_A_SIDE = 1u << ((countTrailingZeros(WORKGROUP) + 1u) / 2u);
const PAIRS_AT_ONCE = 4u;

// Sums of each invocation, then those that the sides of all items have summed up.
var<workgroup> exchanged: array<Pair, WORKGROUP + SIDES>;

// Invocations of an item, and the power of two that those are.
fn lanes() -> u32 { return shape.lanes; }
fn lane_bits() -> u32 { return shape.lane_bits; }

fn items_each() -> u32 { return WORKGROUP >> lane_bits(); }
fn side_bits() -> u32 { return select((lane_bits() + 1u) >> 1u, 0u, lane_bits() == 1u); }

// Which of the workgroup's items an invocation belongs to.
fn place_of(local: u32) -> u32 {
    if (COLUMNWISE) {
        return local & (items_each() - 1u);
    }
    return local >> lane_bits();
}
fn item_of(workgroup: u32, local: u32) -> u32 { return workgroup * items_each() + place_of(local); }
fn lane_of(local: u32) -> u32 {
    if (COLUMNWISE) {
        return local >> (countTrailingZeros(WORKGROUP) - lane_bits());
    }
    return local & (lanes() - 1u);
}

// Two pairs as one: both sums, or a sum and the larger.
fn joined(one: Pair, other: Pair, peak: bool) -> Pair {
    if (peak) {
        return Pair(one.a + other.a, max(one.b, other.b));
    }
    return Pair(one.a + other.a, one.b + other.b);
}

// A pair joined with those that follow it in memory, so far from each other, `count` with itself.
fn joined_from(one: Pair, first: u32, distance: u32, count: u32, peak: bool) -> Pair {
    var all = one;
    for (var k = 1u; k < MOST_ON_A_SIDE; k += PAIRS_AT_ONCE) {
        if (k < count) {
            var some: array<Pair, PAIRS_AT_ONCE>;
            for (var next = 0u; next < PAIRS_AT_ONCE; next++) {
                some[next] = exchanged[first + min(k + next, count - 1u) * distance];
            }
            for (var next = 0u; next < PAIRS_AT_ONCE; next++) {
                if (k + next < count) {
                    all = joined(all, some[next], peak);
                }
            }
        }
    }
    return all;
}

fn reduce(item: WorkItem, pair: Pair, peak: bool) -> Pair {
    if (lanes() == 1u) {
        return pair;
    }
    let side = 1u << side_bits();
    let distance = select(1u, items_each(), COLUMNWISE);
    exchanged[item.place] = pair;
    workgroupBarrier();
    let sides = WORKGROUP + place_of(item.place);
    if (item.lane < side) {
        exchanged[sides + item.lane * items_each()] = joined_from(pair, item.place, side * distance, lanes() >> side_bits(), peak);
    }
    workgroupBarrier();
    return joined_from(exchanged[sides], sides, items_each(), side, peak);
}

fn reduce_sums(item: WorkItem, pair: Pair) -> Pair { return reduce(item, pair, false); }
fn reduce_sum_and_max(item: WorkItem, pair: Pair) -> Pair { return reduce(item, pair, true); }

// Lanes of which each reads what the others have, in one of the rounds of reduce_peak.
const AT_A_TIME = 16u;

var<workgroup> peaks: array<AccumulatorBits, 2u * WORKGROUP>;
var<private> turn: u32;

// The largest of what so many neighbouring lanes have, a power of two: of AT_A_TIME neighbours, then of every AT_A_TIME-th. Every other
// round uses the other half of that memory, so that nobody writes what somebody still reads.
fn reduce_peak(item: WorkItem, peak: AccumulatorBits, count: u32) -> AccumulatorBits {
    var all = peak;
    let distance = select(1u, items_each(), COLUMNWISE);
    for (var step = 1u; step < count; step *= AT_A_TIME) {
        let half = turn * WORKGROUP;
        turn = 1u - turn;
        peaks[half + item.place] = all;
        workgroupBarrier();
        let some = min(count / step, AT_A_TIME);
        let first = half + item.place - item.lane / step % some * step * distance;
        for (var k = 0u; k < some; k++) {
            all = max(all, peaks[first + k * step * distance]);
        }
    }
    return all;
}
