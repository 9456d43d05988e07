// A work item is that of LANES invocations of a workgroup, several times SUBGROUP: each SUBGROUP neighbours exchange without memory (see
// reduce/subgroup), then all through workgroup memory, with one barrier. Every other reduction uses the other half of that memory, so that
// nobody writes what somebody still reads.

import package::vector::scalar::{Accumulator};
import package::work_item::{WorkItem};
import package::pass::{WORKGROUP, LANES, SUBGROUP};

enable subgroups;

struct Pair {
    a: Accumulator,
    b: Accumulator,
}

const STEPS = countTrailingZeros(SUBGROUP);
const SUBGROUPS = WORKGROUP / SUBGROUP;

var<workgroup> of_subgroups: array<Pair, 2u * SUBGROUPS>;
var<private> turn: u32;

fn item_of(workgroup: u32, local: u32) -> u32 { return workgroup * (WORKGROUP / LANES) + local / LANES; }
fn lane_of(local: u32) -> u32 { return local % LANES; }

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

fn reduce_sums(item: WorkItem, pair: Pair) -> Pair {
    var own = pair;
    for (var step = 0u; step < STEPS; step++) {
        own.a += subgroupShuffleXor(own.a, 1u << step);
        own.b += subgroupShuffleXor(own.b, 1u << step);
    }
    let first = shared_from(item, own);
    var all = of_subgroups[first];
    for (var k = 1u; k < LANES / SUBGROUP; k++) {
        all.a += of_subgroups[first + k].a;
        all.b += of_subgroups[first + k].b;
    }
    return all;
}

fn reduce_sum_and_max(item: WorkItem, pair: Pair) -> Pair {
    var own = pair;
    for (var step = 0u; step < STEPS; step++) {
        own.a += subgroupShuffleXor(own.a, 1u << step);
        own.b = max(own.b, subgroupShuffleXor(own.b, 1u << step));
    }
    let first = shared_from(item, own);
    var all = of_subgroups[first];
    for (var k = 1u; k < LANES / SUBGROUP; k++) {
        all.a += of_subgroups[first + k].a;
        all.b = max(all.b, of_subgroups[first + k].b);
    }
    return all;
}
