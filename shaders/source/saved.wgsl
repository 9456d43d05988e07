// The statistics were computed before: three planes.

import package::vector::scalar::{Accumulator};
import package::walk::{Place};
import package::math::moments::{Statistics};
import package::statistic::mean_variance::{COMPARED};
import package::math::planes::{CORRECTION, SCALE, in_plane};
import package::pass::{statistics};

fn source_of(place: Place) -> Statistics {
    return Statistics(
        Accumulator(statistics[in_plane(COMPARED, place.group)]),
        Accumulator(statistics[in_plane(CORRECTION, place.group)]),
        Accumulator(statistics[in_plane(SCALE, place.group)]),
    );
}
