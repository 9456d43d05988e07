// A work item is one subgroup's: its LANES invocations exchange without memory and without a barrier. Which invocations make a
// subgroup is not promised; that they are neighbours is tried out before this file is used (probe/subgroup_lanes).

import package::vector::scalar::{Accumulator};
import package::work_item::{WorkItem};
import package::pass::{WORKGROUP, LANES};

enable subgroups;

struct Pair {
    a: Accumulator,
    b: Accumulator,
}

fn item_of(workgroup: u32, local: u32) -> u32 { return workgroup * (WORKGROUP / LANES) + local / LANES; }
fn lane_of(local: u32) -> u32 { return local % LANES; }

fn reduce_sums(item: WorkItem, pair: Pair) -> Pair { return Pair(subgroupAdd(pair.a), subgroupAdd(pair.b)); }
fn reduce_sum_and_max(item: WorkItem, pair: Pair) -> Pair { return Pair(subgroupAdd(pair.a), subgroupMax(pair.b)); }
