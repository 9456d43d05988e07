// What a sum over dy is multiplied by is the same for all groups.

import package::vector::scalar::{Value};
import package::pass::{call};

fn share_of(index: u32) -> Value { return Value(call.share); }

// The same for sums over dy times the normalized x: where the variance is unbiased, they are divided by one less.
fn slope_share_of(index: u32) -> Value { return share_of(index) * call.bessel; }
