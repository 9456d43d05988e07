// The item's elements are read once and held: BLOCKS · BLOCK loads a lane, a number the compiler knows.

import package::vector::scalar::{Value};
import package::work_item::{WorkItem, load_index};
import package::fusion::{input_at};
import package::pass::{BLOCK, BLOCKS};

var<private> tile: array<Value, BLOCKS * BLOCK>;

fn load_tile(item: WorkItem) {
    for (var k = 0u; k < BLOCKS * BLOCK; k++) {
        let element = load_index(item, k);
        if (element < item.end) {
            tile[k] = input_at(item.group, element);
        }
    }
}

// The loads of this lane, as many for every lane so that loops can be unrolled; whether the k-th is one, and what it brought.
fn iterations(item: WorkItem) -> u32 { return BLOCKS * BLOCK; }
fn in_tile(item: WorkItem, k: u32) -> bool { return load_index(item, k) < item.end; }
fn tile_at(item: WorkItem, k: u32) -> Value { return tile[k]; }
