// The statistics are the running ones of the group's channel.

import package::vector::scalar::{Accumulator, first_of};
import package::walk::{Place};
import package::math::moments::{Moments, Statistics};
import package::statistic::mean_variance::{statistics_of};
import package::save::none::{save};
import package::pass::{load_running_mean, load_running_var};

fn source_of(place: Place) -> Statistics {
    let mean = first_of(load_running_mean(place.group, 0u));
    let variance = first_of(load_running_var(place.group, 0u));
    let moments = Moments(mean, Accumulator(0.0), sqrt(variance), Accumulator(1.0));
    let found = statistics_of(moments);
    save(place, moments, found);
    return found;
}
