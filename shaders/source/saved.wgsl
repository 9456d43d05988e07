// Statistics were computed by a pass before this one.

import package::vector::scalar::{Accumulator};
import package::work_item::{WorkItem};
import package::math::moments::{Statistics};
import package::math::planes::{MEAN_LO, RSTD};
import package::statistic::mean_variance::{COMPARED};
import package::pass::{load_statistics};

fn source_statistics(item: WorkItem) -> Statistics {
    return Statistics(
        Accumulator(load_statistics(COMPARED, item.group)),
        Accumulator(load_statistics(MEAN_LO, item.group)),
        Accumulator(load_statistics(RSTD, item.group)),
    );
}
