// Statistics are the running ones of the group's channel.

import package::vector::scalar::{Accumulator, first_lane};
import package::work_item::{WorkItem};
import package::math::moments::{Moments, Statistics};
import package::math::save::{save};
import package::statistic::mean_variance::{statistics_of};
import package::math::hypotenuse::{inverse_hypotenuse};
import package::pass::{call, load_running_mean, load_running_var};

fn source_statistics(item: WorkItem) -> Statistics {
    let mean = first_lane(load_running_mean(item.group, 0u));
    let variance = first_lane(load_running_var(item.group, 0u));
    let moments = Moments(mean, Accumulator(0.0), sqrt(variance), Accumulator(1.0));
    var statistics = statistics_of(item.group, moments);
    // A variance below zero, which extrapolated weights may have, is no square: eps comes first.
    let lifted = inverse_hypotenuse(sqrt(variance + call.eps), Accumulator(0.0));
    statistics.rstd = select(statistics.rstd, lifted, variance < Accumulator(0.0));
    save(item, moments, statistics);
    return statistics;
}
