// A sum over dy is divided by the count of its group's elements that the statistics are of.

import package::vector::scalar::{Value};
import package::math::planes::{COUNT, in_plane};
import package::pass::{statistics};

fn share_of(index: u32) -> Value {
    return Value(1.0) / max(Value(statistics[in_plane(COUNT, index)]), Value(1.0));
}
