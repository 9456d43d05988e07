// A work item is that of LANES invocations of a workgroup (a power of two), which exchange through workgroup memory: first SIDE lanes sum
// up what every SIDE-th lane has, then all of them what those have. WORKGROUP / LANES items share a workgroup; their lanes are neighbours,
// or where neighbouring items have neighbours in memory, LANE_STRIDE invocations apart.

import package::vector::scalar::{Accumulator, AccumulatorBits};
import package::work_item::{WorkItem};
import package::pass::{WORKGROUP, LANES, LANE_STRIDE};

struct Pair {
    a: Accumulator,
    b: Accumulator,
}

const ITEMS = WORKGROUP / LANES;
const SIDE = 1u << ((countTrailingZeros(LANES) + 1u) / 2u);

var<workgroup> of_lanes: array<Pair, WORKGROUP>;
var<workgroup> of_sides: array<Pair, ITEMS * SIDE>;

// Items side by side in each LANES · LANE_STRIDE invocations, of which there is one set or each item is one.
fn item_of(workgroup: u32, local: u32) -> u32 {
    return workgroup * ITEMS + local / (LANES * LANE_STRIDE) * LANE_STRIDE + local % LANE_STRIDE;
}
fn lane_of(local: u32) -> u32 { return local / LANE_STRIDE % LANES; }

// Where what a lane below SIDE has summed up lies.
fn side_of(item: WorkItem, lane: u32) -> u32 {
    let place = item.place / (LANES * LANE_STRIDE) * LANE_STRIDE + item.place % LANE_STRIDE;
    return lane * ITEMS + place;
}

// Two pairs as one: both sums, or a sum and the larger.
fn joined(one: Pair, other: Pair, peak: bool) -> Pair {
    if (peak) {
        return Pair(one.a + other.a, max(one.b, other.b));
    }
    return Pair(one.a + other.a, one.b + other.b);
}

fn reduce(item: WorkItem, pair: Pair, peak: bool) -> Pair {
    of_lanes[item.place] = pair;
    workgroupBarrier();
    if (item.lane < SIDE) {
        var some = pair;
        for (var k = 1u; k < LANES / SIDE; k++) {
            some = joined(some, of_lanes[item.place + k * SIDE * LANE_STRIDE], peak);
        }
        of_sides[side_of(item, item.lane)] = some;
    }
    workgroupBarrier();
    var all = of_sides[side_of(item, 0u)];
    for (var k = 1u; k < SIDE; k++) {
        all = joined(all, of_sides[side_of(item, k)], peak);
    }
    return all;
}

fn reduce_sums(item: WorkItem, pair: Pair) -> Pair { return reduce(item, pair, false); }
fn reduce_sum_and_max(item: WorkItem, pair: Pair) -> Pair { return reduce(item, pair, true); }

// Lanes of which each reads what the others have, in one of the rounds of reduce_peak.
const AT_A_TIME = 16u;

var<workgroup> peaks: array<AccumulatorBits, 2u * WORKGROUP>;
var<private> turn: u32;

// The largest of what so many neighbouring lanes have, a power of two: of AT_A_TIME neighbours, then of every AT_A_TIME-th. Every other
// round uses the other half of that memory, so that nobody writes what somebody still reads.
fn reduce_peak(item: WorkItem, peak: AccumulatorBits, lanes: u32) -> AccumulatorBits {
    var all = peak;
    for (var step = 1u; step < lanes; step *= AT_A_TIME) {
        let half = turn * WORKGROUP;
        turn = 1u - turn;
        peaks[half + item.place] = all;
        workgroupBarrier();
        let some = min(lanes / step, AT_A_TIME);
        let first = half + item.place - item.lane / step % some * step * LANE_STRIDE;
        for (var k = 0u; k < some; k++) {
            all = max(all, peaks[first + k * step * LANE_STRIDE]);
        }
    }
    return all;
}
