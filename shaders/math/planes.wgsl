// Moments and statistics lie in planes, one number of every group after the other, `call.plane` apart.

import package::pass::{call};

const MEAN = 0u;
const CORRECTION = 1u;
const SCALE = 2u;
const DEVIATION = 3u;
const COUNT = 4u;

fn in_plane(plane: u32, index: u32) -> u32 {
    return plane * call.plane + index;
}
