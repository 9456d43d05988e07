// Work items: each is a chunk of one group's elements, for one invocation or for several lanes that share it. Neighbouring items take
// neighbouring groups, so that columns are read along the contiguous axis.
// Indices count loads (one element, or four): shape.length loads a group, shape.chunk a chunk. Of packed sequences a group has as many as its
// sequence has rows, in as many chunks as the others.

import package::tail::exact::{elements_before};
import package::reduce::invocation::{item_of, lane_of, lanes, lane_bits};
import package::tile::memory::{HOLDS_ALL};
import package::math::sequences::{rows_of};
import package::pass::{call, shape, HAS_SEQUENCE_STARTS};

struct WorkItem {
    working: bool,
    group: u32,
    chunk: u32,
    first: u32,
    end: u32,
    lane: u32,
    // Of the workgroup that it is part of.
    workgroup: u32,
    place: u32,
}

fn work_item_of(workgroup: u32, local: u32) -> WorkItem {
    let own = item_of(workgroup, local);
    var item: WorkItem;
    item.working = own < call.items;
    item.lane = lane_of(local);
    item.workgroup = workgroup;
    item.place = local;
    // What is beyond the last item does not work: it may do that item's work again, so that nobody has to branch, and writes nothing.
    let index = min(own, call.items - 1u);
    item.group = index;
    if (shape.chunks > 1u) {
        item.group = index % call.groups;
        item.chunk = index / call.groups;
    }
    var length = shape.length;
    var chunk = shape.chunk;
    if (HAS_SEQUENCE_STARTS) {
        length = rows_of(item.group);
        chunk = (length + shape.chunks - 1u) / shape.chunks;
    }
    item.first = item.chunk * chunk;
    if (HAS_SEQUENCE_STARTS) {
        item.first = min(item.first, length);
    }
    item.end = select(item.first, min(item.first + chunk, length), item.working || HOLDS_ALL);
    return item;
}

// The k-th load of this lane, and the same where it is beyond the item: then the item's last, so that it can be loaded without a branch.
fn load_index(item: WorkItem, k: u32) -> u32 { return item.first + k * lanes() + item.lane; }
fn clamped_index(item: WorkItem, k: u32) -> u32 { return min(load_index(item, k), max(item.end, 1u) - 1u); }

// The loads of this lane.
fn iterations(item: WorkItem) -> u32 { return (item.end - item.first + lanes() - 1u - item.lane) >> lane_bits(); }

// Whether this lane writes what a group has but once.
fn is_writer(item: WorkItem) -> bool { return item.working && item.chunk == 0u && item.lane == 0u; }

// Where a part of a group, one of its chunks, lies among those of all groups.
fn part_index(item: WorkItem) -> u32 { return item.chunk * call.groups + item.group; }

// Elements of each group that the item covers: of packed sequences, whose loads are rows, there may be none.
fn element_count(item: WorkItem) -> f32 {
    if (HAS_SEQUENCE_STARTS) {
        return f32(item.end - item.first);
    }
    return f32(max(elements_before(item.end) - elements_before(item.first), 1u));
}
