// Loads of four neighbours from anywhere in memory, along runs of RUN elements. The last load of a run ends with it, and so
// brings again some of what the one before it brought.

import package::vector::row::{Value};
import package::pass::{RUN};

const LOADS = (RUN + 3u) / 4u;

// Elements of a load that the one before it brought too.
fn repeated(element: u32) -> u32 { return select(0u, LOADS * 4u - RUN, element % LOADS == LOADS - 1u); }

// A number without what another load brings too; which elements of a load a store writes; elements of a group before a load.
fn once(element: u32, value: Value) -> Value {
    return select(Value(0.0), value, vec4u(0u, 1u, 2u, 3u) >= vec4u(repeated(element)));
}
fn is_stored(group: u32, element: u32, lane: u32) -> bool { return lane >= repeated(element); }
fn elements_before(element: u32) -> u32 { return element / LOADS * RUN + element % LOADS * 4u; }
