// A work item is that of LANES invocations of a workgroup (a power of two), which exchange through workgroup memory;
// WORKGROUP / LANES items share a workgroup.

import package::vector::scalar::{Accumulator};
import package::work_item::{WorkItem};
import package::pass::{WORKGROUP, LANES};

struct Pair {
    a: Accumulator,
    b: Accumulator,
}

var<workgroup> pairs: array<Pair, WORKGROUP>;
var<private> slot: u32;

fn item_of(workgroup: u32, local: u32) -> u32 {
    slot = local;
    return workgroup * (WORKGROUP / LANES) + local / LANES;
}
fn lane_of(local: u32) -> u32 { return local % LANES; }

fn reduce_sums(item: WorkItem, pair: Pair) -> Pair {
    pairs[slot] = pair;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (item.lane < half) {
            pairs[slot] = Pair(pairs[slot].a + pairs[slot + half].a, pairs[slot].b + pairs[slot + half].b);
        }
    }
    return broadcast_first(item);
}

fn reduce_sum_and_max(item: WorkItem, pair: Pair) -> Pair {
    pairs[slot] = pair;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (item.lane < half) {
            pairs[slot] = Pair(pairs[slot].a + pairs[slot + half].a, max(pairs[slot].b, pairs[slot + half].b));
        }
    }
    return broadcast_first(item);
}

fn broadcast_first(item: WorkItem) -> Pair {
    workgroupBarrier();
    let result = pairs[slot - item.lane];
    workgroupBarrier();
    return result;
}
