// An item's loads are held once they were read: HELD a lane, a number the compiler knows, in blocks of which all loads are under way at once. What is
// beyond the item is loaded too, from its end, and not counted: a branch around a load would have the others wait for it. Blocks of which no lane
// has a load are left out, which all lanes know alike.

import package::reduce::invocation::{lanes};
import package::work_item::{WorkItem, load_index, clamped_index};
import package::pass::{shape, HELD, HELD_BLOCK};

// Loads that are there at once, loads that there is room for, and whether those are all.
const BLOCK = HELD_BLOCK;
const ROOM = HELD;
const HOLDS_ALL = true;

// The loads of a lane as sums of sums, of which each goes from one load to another in blocks: here there is one.
fn sum_count() -> u32 { return 1u; }
fn first_of_sum(sum: u32) -> u32 { return 0u; }
fn last_of_sum(item: WorkItem, sum: u32) -> u32 { return ROOM; }

// Whether a lane has any load of a block, by the block's first; and which of what is there a load of the block is.
fn has_block(first: u32) -> bool { return first == 0u || first * lanes() < shape.chunk; }
fn place_in_room(first: u32, k: u32) -> u32 { return first + k; }

// The element of a load, and whether it is one of the item's: of the first so many nobody has to ask.
fn is_sure(k: u32) -> bool { return (k + 1u) * lanes() <= shape.least; }
fn element_at(item: WorkItem, k: u32) -> u32 {
    if (is_sure(k)) {
        return load_index(item, k);
    }
    return clamped_index(item, k);
}
fn in_tile(item: WorkItem, k: u32) -> bool { return is_sure(k) || load_index(item, k) < item.end; }
