// No statistics: what x is multiplied by before its function is taken, alpha, in the place of rstd, and what is added in that of the mean.

import package::vector::scalar::{Accumulator, first_lane};
import package::work_item::{WorkItem};
import package::math::moments::{Statistics};
import package::pass::{load_alpha, load_input_shift};

fn source_statistics(item: WorkItem) -> Statistics {
    return Statistics(first_lane(load_input_shift(0u, 0u)), Accumulator(0.0), first_lane(load_alpha(0u, 0u)));
}
