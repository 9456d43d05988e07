// x and dy (before a rotation, where there is one), as much of them as there is room for.

import package::vector::scalar::{Value};
import package::work_item::{WorkItem};
import package::fusion::{x_at};
import package::rotation::none::{dy_at};
import package::tile::memory::{BLOCK, ROOM, HOLDS_ALL, element_at, has_block, place_in_room};
import package::pass::{shape, SEGMENTED};

var<private> x_tile: array<Value, ROOM>;
var<private> dy_tile: array<Value, ROOM>;

// An element of a group by its place in a segment, where the group is cut into some.
fn element_in(segment: u32, position: u32) -> u32 {
    if (SEGMENTED) {
        return segment * shape.segment_start + position * shape.segment_step;
    }
    return position;
}

fn read_pairs(item: WorkItem, segment: u32, first: u32) {
    for (var k = 0u; k < BLOCK; k++) {
        x_tile[place_in_room(first, k)] = x_at(item.group, element_in(segment, element_at(item, first + k)));
    }
    for (var k = 0u; k < BLOCK; k++) {
        dy_tile[place_in_room(first, k)] = dy_at(item.group, element_in(segment, element_at(item, first + k)));
    }
}

// The k-th loads of a block.
fn x_held(first: u32, k: u32) -> Value { return x_tile[place_in_room(first, k)]; }
fn dy_held(first: u32, k: u32) -> Value { return dy_tile[place_in_room(first, k)]; }

// Before all else; and before each block, from its first load.
fn load_pairs(item: WorkItem) {
    if (HOLDS_ALL) {
        for (var first = 0u; first < ROOM; first += BLOCK) {
            if (has_block(first)) {
                read_pairs(item, 0u, first);
            }
        }
    }
}
fn load_pair_block(item: WorkItem, segment: u32, first: u32) {
    if (!HOLDS_ALL) {
        read_pairs(item, segment, first);
    }
}
