// Moments are given; what normalizes is yet to be computed from them.

import package::vector::scalar::{Accumulator};
import package::work_item::{WorkItem};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN, MEAN_LO, DEVIATION};
import package::math::save::{save};
import package::statistic::mean_variance::{statistics_of};
import package::pass::{load_statistics};

fn source_statistics(item: WorkItem) -> Statistics {
    let moments = Moments(
        load_statistics(MEAN, item.group),
        load_statistics(MEAN_LO, item.group),
        load_statistics(DEVIATION, item.group),
        Accumulator(1.0),
    );
    let statistics = statistics_of(item.group, moments);
    save(item, moments, statistics);
    return statistics;
}
