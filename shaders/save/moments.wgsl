// Keeps what normalizes the group, and its moments: five numbers.

import package::vector::scalar::{Accumulator};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN, CORRECTION, SCALE, DEVIATION, COUNT, in_plane};
import package::pass::{saved};

fn save(group: u32, moments: Moments, statistics: Statistics) {
    saved[in_plane(MEAN, group)] = moments.mean;
    saved[in_plane(CORRECTION, group)] = moments.correction;
    saved[in_plane(SCALE, group)] = statistics.scale;
    saved[in_plane(DEVIATION, group)] = moments.deviation;
    saved[in_plane(COUNT, group)] = Accumulator(moments.count);
}
