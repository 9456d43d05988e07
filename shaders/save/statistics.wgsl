// Keeps what normalizes the group: three numbers.

import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN, CORRECTION, SCALE, in_plane};
import package::pass::{saved};

fn save(group: u32, moments: Moments, statistics: Statistics) {
    saved[in_plane(MEAN, group)] = statistics.mean;
    saved[in_plane(CORRECTION, group)] = statistics.correction;
    saved[in_plane(SCALE, group)] = statistics.scale;
}
