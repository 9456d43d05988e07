// The four columns of a load may be of different groups.

import package::vector::scalar::{Value};
import package::backward::group_gradient::{GroupGradient, sum_dz_of, sum_dz_xhat_of};
import package::math::planes::{MEAN_LO, RSTD};
import package::math::per_lane::{statistics_per_lane, groups_of};
import package::statistic::mean_variance::{COMPARED};

fn group_at(group: u32, element: u32) -> GroupGradient {
    let groups = groups_of(group);
    return GroupGradient(
        statistics_per_lane(COMPARED, groups),
        statistics_per_lane(MEAN_LO, groups),
        statistics_per_lane(RSTD, groups),
        Value(sum_dz_of(groups.x).x, sum_dz_of(groups.y).x, sum_dz_of(groups.z).x, sum_dz_of(groups.w).x),
        Value(sum_dz_xhat_of(groups.x).x, sum_dz_xhat_of(groups.y).x, sum_dz_xhat_of(groups.z).x, sum_dz_xhat_of(groups.w).x),
    );
}
