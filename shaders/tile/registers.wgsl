// An item's loads are held once they were read: HELD a lane, a number the compiler knows, all of them under way at once. What is beyond the
// item is loaded too, from its end, and not counted: a branch around a load would have the others wait for it.

import package::reduce::invocation::{lanes};
import package::work_item::{WorkItem, load_index, clamped_index};
import package::pass::{shape, HELD};

// Loads that are there at once, and whether those are all.
const BLOCK = HELD;
const HOLDS_ALL = true;

// The loads of a lane as sums of sums, of which each goes from one load to another in blocks: here there is one.
fn sum_count() -> u32 { return 1u; }
fn first_of_sum(sum: u32) -> u32 { return 0u; }
fn last_of_sum(item: WorkItem, sum: u32) -> u32 { return BLOCK; }

// The element of a load, and whether it is one of the item's: of the first so many nobody has to ask.
fn is_sure(k: u32) -> bool { return (k + 1u) * lanes() <= shape.least; }
fn element_at(item: WorkItem, k: u32) -> u32 {
    if (is_sure(k)) {
        return load_index(item, k);
    }
    return clamped_index(item, k);
}
fn in_tile(item: WorkItem, k: u32) -> bool { return is_sure(k) || load_index(item, k) < item.end; }
