// The item's elements stay in memory and are read again by every pass over them (a cache serves the second reading).

import package::vector::scalar::{Value};
import package::work_item::{WorkItem, load_index};
import package::fusion::{input_at};
import package::pass::{shape, LANES};

fn load_tile(item: WorkItem) {}

// The loads of this lane, whether the k-th is one, and what it brought.
fn iterations(item: WorkItem) -> u32 { return (item.end - item.first + LANES - 1u - item.lane) / LANES; }
fn in_tile(item: WorkItem, k: u32) -> bool { return true; }
fn tile_at(item: WorkItem, k: u32) -> Value { return input_at(item.group, load_index(item, k)); }

// Loads that are summed before they are added to a sum of sums, and how many such blocks there are.
fn block_length() -> u32 { return shape.block_length; }
fn blocks() -> u32 { return shape.blocks; }
