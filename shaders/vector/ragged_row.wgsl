// Four neighbouring elements of one group a load, from anywhere in memory: the reduced axis is the contiguous one, in runs of
// RUN elements. The last load of a run ends with it, and so brings again some of what the one before it brought.

import package::pass::{RUN};

alias Value = vec4f;
alias ValueBits = vec4u;
alias Accumulator = f32;
alias AccumulatorBits = u32;

// What the elements of one load add to their group.
fn total(value: Value) -> Accumulator { return (value.x + value.y) + (value.z + value.w); }
fn largest(value: Value) -> Accumulator { return max(max(value.x, value.y), max(value.z, value.w)); }
fn first_of(value: Value) -> Accumulator { return value.x; }

// What a group has, of sums that may be over some of its elements only.
fn of_group(sum: Accumulator) -> Accumulator { return sum; }

const LOADS = (RUN + 3u) / 4u;

// Elements of a load that the one before it brought too; sums without those; which elements of a load a store writes.
fn repeated(element: u32) -> u32 {
    return select(0u, LOADS * 4u - RUN, element % LOADS == LOADS - 1u);
}
fn counted(element: u32, value: Value) -> Value {
    return select(Value(0.0), value, vec4u(0u, 1u, 2u, 3u) >= vec4u(repeated(element)));
}
fn stores(group: u32, element: u32, lane: u32) -> bool { return lane >= repeated(element); }
fn elements_before(element: u32) -> u32 { return element / LOADS * RUN + element % LOADS * 4u; }
