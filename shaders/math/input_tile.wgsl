// What is normalized, as much of it as there is room for.

import package::vector::scalar::{Value};
import package::work_item::{WorkItem};
import package::fusion::{input_at};
import package::tile::memory::{BLOCK, ROOM, HOLDS_ALL, element_at, has_block, place_in_room};

var<private> tile: array<Value, ROOM>;

fn read_tile(item: WorkItem, first: u32) {
    for (var k = 0u; k < BLOCK; k++) {
        tile[place_in_room(first, k)] = input_at(item.group, element_at(item, first + k));
    }
}

// The k-th load of a block.
fn held(first: u32, k: u32) -> Value { return tile[place_in_room(first, k)]; }

// Before all else; and before each block, from its first load.
fn load_tile(item: WorkItem) {
    if (HOLDS_ALL) {
        for (var first = 0u; first < ROOM; first += BLOCK) {
            if (has_block(first)) {
                read_tile(item, first);
            }
        }
    }
}
fn load_block(item: WorkItem, first: u32) {
    if (!HOLDS_ALL) {
        read_tile(item, first);
    }
}
