// Statistics are the running ones of the group's channel.

import package::vector::scalar::{Accumulator, first_lane};
import package::work_item::{WorkItem};
import package::math::moments::{Moments, Statistics};
import package::math::save::{save};
import package::statistic::mean_variance::{statistics_of};
import package::pass::{load_running_mean, load_running_var};

fn source_statistics(item: WorkItem) -> Statistics {
    let mean = first_lane(load_running_mean(item.group, 0u));
    let variance = first_lane(load_running_var(item.group, 0u));
    let moments = Moments(mean, Accumulator(0.0), sqrt(variance), Accumulator(1.0));
    let statistics = statistics_of(item.group, moments);
    save(item, moments, statistics);
    return statistics;
}
