// x and dy are read once and held: ITEMS loads a lane, a number the compiler knows.

import package::vector::scalar::{Value};
import package::walk::{Place};
import package::pass::{x, x_offset, dy, ITEMS};

var<private> held_x: array<Value, ITEMS>;
var<private> held_dy: array<Value, ITEMS>;

fn hold_pair(place: Place, k: u32, element: u32) {
    let offset = x_offset(place.group, element);
    held_x[k] = x[offset];
    held_dy[k] = dy[offset];
}

fn x_item(place: Place, k: u32, element: u32) -> Value { return held_x[k]; }
fn dy_item(place: Place, k: u32, element: u32) -> Value { return held_dy[k]; }
