// An item's loads stay in memory and are read again by every pass over them (a cache serves the second reading): AT_ONCE a lane are under way
// at once. Where that is more than one, what is beyond the item is loaded too, from its end, and not counted.

import package::work_item::{WorkItem, load_index, clamped_index, iterations};
import package::pass::{shape, AT_ONCE};

// Loads that are there at once, loads that there is room for, and whether those are all.
const BLOCK = AT_ONCE;
const ROOM = BLOCK;
const HOLDS_ALL = false;

// The loads of a lane as sums of sums, of which each goes from one load to another in blocks: the error grows with the root of their number.
fn sum_count() -> u32 { return shape.blocks; }
fn first_of_sum(sum: u32) -> u32 { return sum * shape.block_length; }
fn last_of_sum(item: WorkItem, sum: u32) -> u32 { return min((sum + 1u) * shape.block_length, iterations(item)); }

// Whether a lane has any load of a block, by the block's first; and which of what is there a load of the block is.
fn has_block(first: u32) -> bool { return true; }
fn place_in_room(first: u32, k: u32) -> u32 { return k; }

// The element of a load, and whether it is one of the item's.
fn element_at(item: WorkItem, k: u32) -> u32 {
    if (BLOCK == 1u) {
        return load_index(item, k);
    }
    return clamped_index(item, k);
}
fn in_tile(item: WorkItem, k: u32) -> bool { return BLOCK == 1u || load_index(item, k) < item.end; }
