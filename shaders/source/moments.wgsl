// The moments are given, the scale is yet to be computed from them.

import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN, CORRECTION, DEVIATION, in_plane};
import package::statistic::mean_variance::{statistics_of};
import package::pass::{statistics};

fn source_of(group: u32) -> Statistics {
    return statistics_of(Moments(
        statistics[in_plane(MEAN, group)],
        statistics[in_plane(CORRECTION, group)],
        statistics[in_plane(DEVIATION, group)],
        1.0,
    ));
}
