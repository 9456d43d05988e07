// The statistics are measured: the unit sees its whole group.

import package::walk::{Place};
import package::tile::memory::{hold};
import package::moments::corrected::{moments_of};
import package::math::moments::{Statistics, settled};
import package::statistic::mean_variance::{statistics_of};
import package::save::none::{save};

fn source_of(place: Place) -> Statistics {
    hold(place);
    let moments = settled(moments_of(place));
    let statistics = statistics_of(moments);
    save(place, moments, statistics);
    return statistics;
}
