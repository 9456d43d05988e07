// The statistics were computed before: three planes.

import package::vector::scalar::{Accumulator};
import package::math::moments::{Statistics};
import package::math::planes::{MEAN, CORRECTION, SCALE, in_plane};
import package::pass::{statistics};

fn source_of(group: u32) -> Statistics {
    return Statistics(
        Accumulator(statistics[in_plane(MEAN, group)]),
        Accumulator(statistics[in_plane(CORRECTION, group)]),
        Accumulator(statistics[in_plane(SCALE, group)]),
    );
}
