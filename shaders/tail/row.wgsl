// Loads of four neighbours from anywhere in memory, along runs of shape.run elements. The last load of a run ends with it, and so
// brings again some of what the one before it brought.

import package::vector::row::{Value};
import package::math::quotient::{quotient};
import package::pass::{shape};

fn run_of(element: u32) -> u32 { return quotient(element, shape.run_loads, shape.inv_run_loads); }

// Elements of a load that the one before it brought too.
fn repeated(element: u32) -> u32 {
    let is_last = element + 1u == (run_of(element) + 1u) * shape.run_loads;
    return select(0u, shape.run_loads * 4u - shape.run, is_last);
}

// A number without what another load brings too; which elements of a load a store writes; elements of a group before a load.
fn once(element: u32, value: Value) -> Value {
    return select(Value(0.0), value, vec4u(0u, 1u, 2u, 3u) >= vec4u(repeated(element)));
}
fn is_stored(group: u32, element: u32, lane: u32) -> bool { return lane >= repeated(element); }
fn elements_before(element: u32) -> u32 {
    let run = run_of(element);
    return run * shape.run + (element - run * shape.run_loads) * 4u;
}
