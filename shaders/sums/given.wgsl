// The sums over dy of each group are known.

import package::vector::scalar::{Value};
import package::math::planes::{LEVEL, SLOPE, in_plane};
import package::share::constant::{share_of, slope_share_of};
import package::pass::{sums};

fn level_at(index: u32) -> Value { return Value(sums[in_plane(LEVEL, index)]) * share_of(index); }
fn slope_at(index: u32) -> Value { return Value(sums[in_plane(SLOPE, index)]) * slope_share_of(index); }
