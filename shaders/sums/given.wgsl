// The sums over dy of each group are known.

import package::vector::scalar::{Value};
import package::math::planes::{LEVEL, SLOPE, in_plane};
import package::pass::{call, sums};

fn level_at(index: u32) -> Value { return Value(sums[in_plane(LEVEL, index)]) * call.share; }
fn slope_at(index: u32) -> Value { return Value(sums[in_plane(SLOPE, index)]) * call.share; }
