// What is normalized, as much of it as is there at once: tile[k] is the k-th load of a block.

import package::vector::scalar::{Value};
import package::work_item::{WorkItem};
import package::fusion::{input_at};
import package::tile::memory::{BLOCK, HOLDS_ALL, element_at};

var<private> tile: array<Value, BLOCK>;

fn read_tile(item: WorkItem, first: u32) {
    for (var k = 0u; k < BLOCK; k++) {
        tile[k] = input_at(item.group, element_at(item, first + k));
    }
}

// Before all else; and before each block, from its first load.
fn load_tile(item: WorkItem) {
    if (HOLDS_ALL) {
        read_tile(item, 0u);
    }
}
fn load_block(item: WorkItem, first: u32) {
    if (!HOLDS_ALL) {
        read_tile(item, first);
    }
}
