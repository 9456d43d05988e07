// A sum over dy is divided by the count of its group's elements that the statistics are of.

import package::vector::scalar::{Value};
import package::math::planes::{COUNT, in_plane};
import package::pass::{call, statistics};

fn share_of(index: u32) -> Value {
    return Value(1.0) / max(Value(statistics[in_plane(COUNT, index)]), Value(1.0));
}

// The same for sums over dy times the normalized x: where the variance is unbiased, they are divided by one less.
fn slope_share_of(index: u32) -> Value { return share_of(index) * call.bessel; }
