// The elements of a load are of one group, or of as many neighbouring ones.

import package::vector::scalar::{Value};
import package::backward::group_gradient::{GroupGradient, sum_dz_of, sum_dz_xhat_of};
import package::math::planes::{MEAN_LO, RSTD};
import package::statistic::mean_variance::{COMPARED};
import package::pass::{load_statistics, group_offset};

fn group_at(group: u32, element: u32) -> GroupGradient {
    let index = group_offset(group, element);
    return GroupGradient(
        Value(load_statistics(COMPARED, index)),
        Value(load_statistics(MEAN_LO, index)),
        Value(load_statistics(RSTD, index)),
        sum_dz_of(index),
        sum_dz_xhat_of(index),
    );
}
