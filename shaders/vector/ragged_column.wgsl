// One element of each of four neighbouring groups a load, from anywhere in memory: the kept axis is the contiguous one, of RUN
// groups. The last load goes beyond them; what it brings from there stays in its own lanes, and is not stored.

import package::pass::{RUN};

alias Value = vec4f;
alias ValueBits = vec4u;
alias Accumulator = vec4f;
alias AccumulatorBits = vec4u;

// What the elements of one load add to their groups: each lane to its own.
fn total(value: Value) -> Accumulator { return value; }
fn largest(value: Value) -> Accumulator { return value; }
fn first_of(value: Value) -> Accumulator { return value; }

// What a group has, of sums that may be over some of its elements only.
fn of_group(sum: Accumulator) -> Accumulator { return sum; }

// Sums without what another load brings too: nothing is. Which elements of a load a store writes.
fn counted(element: u32, value: Value) -> Value { return value; }
fn stores(group: u32, element: u32, lane: u32) -> bool { return group * 4u + lane < RUN; }
fn elements_before(element: u32) -> u32 { return element; }
