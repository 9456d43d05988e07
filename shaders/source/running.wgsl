// The statistics are the running ones of the group's channel.

import package::vector::scalar::{Accumulator};
import package::walk::{Place};
import package::math::moments::{Moments, Statistics};
import package::statistic::mean_variance::{statistics_of};
import package::save::none::{save};
import package::pass::{running_mean, running_var, channel_offset};

fn source_of(place: Place) -> Statistics {
    let channel = channel_offset(place.group, 0u);
    let variance = Accumulator(running_var[channel]);
    let moments = Moments(Accumulator(running_mean[channel]), Accumulator(0.0), sqrt(variance), 1.0);
    let found = statistics_of(moments);
    save(place, moments, found);
    return found;
}
