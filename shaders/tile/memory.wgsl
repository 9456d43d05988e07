// The unit's elements stay in memory and are read again by every pass (a cache serves the second reading).

import package::vector::scalar::{Value};
import package::walk::{Place, element_of};
import package::pass::{x, x_offset};

fn hold(place: Place) {}

fn item(place: Place, k: u32) -> Value {
    return x[x_offset(place.group, element_of(place, k))];
}
