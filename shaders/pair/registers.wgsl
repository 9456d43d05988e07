// x and dy are read once and held: ITEMS loads a lane, a number the compiler knows.

import package::vector::scalar::{Value};
import package::walk::{Place};
import package::shown::all::{shown};
import package::pass::{load_x, load_dy, ITEMS};

var<private> held_x: array<Value, ITEMS>;
var<private> held_dy: array<Value, ITEMS>;

fn hold_pair(place: Place, k: u32, element: u32) {
    held_x[k] = load_x(place.group, element);
    held_dy[k] = shown(place.group, element, load_dy(place.group, element));
}

fn x_item(place: Place, k: u32, element: u32) -> Value { return held_x[k]; }
fn dy_item(place: Place, k: u32, element: u32) -> Value { return held_dy[k]; }
