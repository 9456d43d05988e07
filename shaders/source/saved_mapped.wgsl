// Statistics were computed by a pass before this one; the group of the problem that a finer one is a part of is found by a map.

import package::vector::scalar::{Accumulator};
import package::work_item::{WorkItem};
import package::math::moments::{Statistics};
import package::math::planes::{MEAN_LO, RSTD};
import package::statistic::mean_variance::{COMPARED};
import package::pass::{load_statistics, group_offset};

fn source_statistics(item: WorkItem) -> Statistics {
    let group = group_offset(item.group, 0u);
    return Statistics(
        Accumulator(load_statistics(COMPARED, group)),
        Accumulator(load_statistics(MEAN_LO, group)),
        Accumulator(load_statistics(RSTD, group)),
    );
}
