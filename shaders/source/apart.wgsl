// The statistics were computed before; the four columns of a load may be of different groups.

import package::walk::{Place};
import package::math::moments::{Statistics};
import package::statistic::mean_variance::{COMPARED};
import package::math::planes::{CORRECTION, SCALE};
import package::math::apart::{apart, groups_of};

fn source_of(place: Place) -> Statistics {
    let groups = groups_of(place.group);
    return Statistics(apart(COMPARED, groups), apart(CORRECTION, groups), apart(SCALE, groups));
}
