// Every element belongs to one load.

import package::vector::scalar::{Value};
import package::pass::{ELEMENTS_PER_LOAD};

// A number without what another load brings too; which elements of a load a store writes; elements of a group before a load.
fn once(element: u32, value: Value) -> Value { return value; }
fn is_stored(group: u32, element: u32, lane: u32) -> bool { return true; }
fn elements_before(element: u32) -> u32 { return element * ELEMENTS_PER_LOAD; }
