// The unit's elements are read once and held: BLOCKS · BLOCK loads a lane, a number the compiler knows.

import package::vector::scalar::{Value};
import package::walk::{Place, element_of};
import package::input::alone::{input_at};
import package::pass::{BLOCK, BLOCKS};

var<private> held: array<Value, BLOCKS * BLOCK>;

fn hold(place: Place) {
    for (var k = 0u; k < BLOCKS * BLOCK; k++) {
        let element = element_of(place, k);
        if (element < place.end) {
            held[k] = input_at(place.group, element);
        }
    }
}

// As many loads for every lane, and whether the k-th is one: so that loops can be unrolled.
fn rounds_of(place: Place) -> u32 { return BLOCKS * BLOCK; }
fn holds(place: Place, k: u32) -> bool { return element_of(place, k) < place.end; }

fn item(place: Place, k: u32) -> Value {
    return held[k];
}
