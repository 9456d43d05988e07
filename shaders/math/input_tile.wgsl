// The input that is normalized, as much of it as there is room for.

import package::vector::scalar::{Value};
import package::work_item::{WorkItem};
import package::fusion::{exact_input_at};
import package::tile::memory::{BLOCK, ROOM, HOLDS_ALL, element_at, has_block, place_in_room};
import package::pass::{ROUND_SUM, rounded_to_x};

var<private> tile: array<Value, ROOM>;

// All loads first: rounding the sums may branch.
fn read_tile(item: WorkItem, first: u32) {
    for (var k = 0u; k < BLOCK; k++) {
        tile[place_in_room(first, k)] = exact_input_at(item.group, element_at(item, first + k));
    }
    if (ROUND_SUM) {
        for (var k = 0u; k < BLOCK; k++) {
            let place = place_in_room(first, k);
            tile[place] = rounded_to_x(tile[place]);
        }
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
