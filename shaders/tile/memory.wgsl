// The unit's elements stay in memory and are read again by every pass (a cache serves the second reading).

import package::vector::scalar::{Value};
import package::walk::{Place, element_of};
import package::input::alone::{input_at};
import package::pass::{LANES};

fn hold(place: Place) {}

// The loads of this lane, and whether the k-th is one.
fn rounds_of(place: Place) -> u32 { return (place.end - place.start + LANES - 1u - place.lane) / LANES; }
fn holds(place: Place, k: u32) -> bool { return true; }

fn item(place: Place, k: u32) -> Value {
    return input_at(place.group, element_of(place, k));
}
