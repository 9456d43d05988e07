// Statistics are computed: the item covers its whole group.

import package::work_item::{WorkItem};
import package::moments::corrected::{moments_of};
import package::math::moments::{Statistics, renormalized};
import package::math::save::{save};
import package::statistic::mean_variance::{statistics_of};

fn source_statistics(item: WorkItem) -> Statistics {
    let moments = renormalized(moments_of(item));
    let statistics = statistics_of(item.group, moments);
    save(item, moments, statistics);
    return statistics;
}
