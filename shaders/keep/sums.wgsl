// The sums over dy are kept: two numbers.

import package::vector::scalar::{Accumulator};
import package::math::planes::{LEVEL, SLOPE};
import package::pass::{call, kept};

fn keep_sums(index: u32, level: Accumulator, slope: Accumulator) {
    kept[LEVEL * call.kept_plane + index] = level;
    kept[SLOPE * call.kept_plane + index] = slope;
}
