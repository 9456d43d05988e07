// Loads of four neighbouring groups from anywhere in memory, shape.run groups in all. Where the last load would go beyond them it brings the last
// group again, in lanes of their own, which are not stored.

import package::vector::column::{Value};
import package::pass::{shape};

// A number without what another load brings too; which elements of a load a store writes; elements of a group before a load.
fn once(element: u32, value: Value) -> Value { return value; }
fn is_stored(group: u32, element: u32, lane: u32) -> bool { return group * 4u + lane < shape.run; }
fn elements_before(element: u32) -> u32 { return element; }

// The lane whose element a lane of a load brings.
fn lane_within(group: u32, lane: u32) -> u32 { return min(lane, shape.run - 1u - group * 4u); }
