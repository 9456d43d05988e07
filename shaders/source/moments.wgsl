// The moments are given, the scale is yet to be computed from them.

import package::vector::scalar::{Accumulator};
import package::walk::{Place};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN, CORRECTION, DEVIATION, in_plane};
import package::statistic::mean_variance::{statistics_of};
import package::save::none::{save};
import package::pass::{statistics};

fn source_of(place: Place) -> Statistics {
    let moments = Moments(
        statistics[in_plane(MEAN, place.group)],
        statistics[in_plane(CORRECTION, place.group)],
        statistics[in_plane(DEVIATION, place.group)],
        Accumulator(1.0),
    );
    let found = statistics_of(moments);
    save(place, moments, found);
    return found;
}
