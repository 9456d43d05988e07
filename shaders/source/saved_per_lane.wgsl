// Statistics were computed by a pass before this one; the four columns of a load may be of different groups.

import package::work_item::{WorkItem};
import package::math::moments::{Statistics};
import package::math::planes::{MEAN_LO, RSTD};
import package::math::per_lane::{statistics_per_lane, groups_of};
import package::statistic::mean_variance::{COMPARED};

fn source_statistics(item: WorkItem) -> Statistics {
    let groups = groups_of(item.group);
    return Statistics(
        statistics_per_lane(COMPARED, groups), statistics_per_lane(MEAN_LO, groups), statistics_per_lane(RSTD, groups),
    );
}
