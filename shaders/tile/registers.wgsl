// The item's elements are read once and held: HELD loads a lane, a number the compiler knows.

import package::vector::scalar::{Value};
import package::work_item::{WorkItem, load_index};
import package::fusion::{input_at};
import package::pass::{HELD};

var<private> tile: array<Value, HELD>;

fn load_tile(item: WorkItem) {
    for (var k = 0u; k < HELD; k++) {
        let element = load_index(item, k);
        if (element < item.end) {
            tile[k] = input_at(item.group, element);
        }
    }
}

// The loads of this lane, as many for every lane so that loops can be unrolled; whether the k-th is one, and what it brought.
fn iterations(item: WorkItem) -> u32 { return HELD; }
fn in_tile(item: WorkItem, k: u32) -> bool { return load_index(item, k) < item.end; }
fn tile_at(item: WorkItem, k: u32) -> Value { return tile[k]; }

// Loads that are summed before they are added to a sum of sums, and how many such blocks there are: these few are one.
fn block_length() -> u32 { return HELD; }
fn blocks() -> u32 { return 1u; }
