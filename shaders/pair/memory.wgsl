// x and dy stay in memory and are read again by every pass (a cache serves the second reading).

import package::vector::scalar::{Value};
import package::walk::{Place};
import package::shown::all::{shown};
import package::pass::{load_x, load_dy};

fn hold_pair(place: Place, k: u32, element: u32) {}

fn x_item(place: Place, k: u32, element: u32) -> Value { return load_x(place.group, element); }
fn dy_item(place: Place, k: u32, element: u32) -> Value { return shown(place.group, element, load_dy(place.group, element)); }
