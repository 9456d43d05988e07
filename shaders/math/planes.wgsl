// Moments and statistics lie in planes, one number of every group after the other, `call.plane` apart.

import package::pass::{call};

const MEAN = 0u;
const CORRECTION = 1u;
const SCALE = 2u;
const DEVIATION = 3u;
const COUNT = 4u;

// Sums over dy, likewise: of dy itself, and of dy times the normalized x.
const LEVEL = 0u;
const SLOPE = 1u;

fn in_plane(plane: u32, index: u32) -> u32 {
    return plane * call.plane + index;
}
