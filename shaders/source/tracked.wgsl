// Statistics are computed, as in source/computed, and the running ones updated: each group is a channel.

import package::work_item::{WorkItem, is_writer};
import package::moments::corrected::{moments_of};
import package::math::moments::{Statistics, renormalized};
import package::math::running::{track};
import package::math::save::{save};
import package::statistic::mean_variance::{statistics_of};

fn source_statistics(item: WorkItem) -> Statistics {
    let moments = renormalized(moments_of(item));
    let statistics = statistics_of(item.group, moments);
    save(item, moments, statistics);
    if (is_writer(item)) {
        track(item.group, moments);
    }
    return statistics;
}
