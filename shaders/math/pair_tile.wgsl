// x and dy (before a rotation, where there is one), as much of them as is there at once: x_tile[k] and dy_tile[k] are the k-th loads of a block.

import package::vector::scalar::{Value};
import package::work_item::{WorkItem};
import package::fusion::{x_at};
import package::rotation::none::{dy_at};
import package::tile::memory::{BLOCK, HOLDS_ALL, element_at};
import package::pass::{shape, SEGMENTED};

var<private> x_tile: array<Value, BLOCK>;
var<private> dy_tile: array<Value, BLOCK>;

// An element of a group by its place in a segment, where the group is cut into some.
fn element_in(segment: u32, position: u32) -> u32 {
    if (SEGMENTED) {
        return segment * shape.segment_start + position * shape.segment_step;
    }
    return position;
}

fn read_pairs(item: WorkItem, segment: u32, first: u32) {
    for (var k = 0u; k < BLOCK; k++) {
        x_tile[k] = x_at(item.group, element_in(segment, element_at(item, first + k)));
    }
    for (var k = 0u; k < BLOCK; k++) {
        dy_tile[k] = dy_at(item.group, element_in(segment, element_at(item, first + k)));
    }
}

// Before all else; and before each block, from its first load.
fn load_pairs(item: WorkItem) {
    if (HOLDS_ALL) {
        read_pairs(item, 0u, 0u);
    }
}
fn load_pair_block(item: WorkItem, segment: u32, first: u32) {
    if (!HOLDS_ALL) {
        read_pairs(item, segment, first);
    }
}
