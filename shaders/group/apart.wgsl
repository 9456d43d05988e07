// The four columns of a load may be of different groups.

import package::vector::scalar::{Value};
import package::math::group::{Group};
import package::statistic::mean_variance::{COMPARED};
import package::math::planes::{CORRECTION, SCALE};
import package::math::apart::{apart, groups_of};
import package::sums::given::{level_at, slope_at};

fn group_at(unit: u32, element: u32) -> Group {
    let groups = groups_of(unit);
    return Group(
        apart(COMPARED, groups),
        apart(CORRECTION, groups),
        apart(SCALE, groups),
        Value(level_at(groups.x).x, level_at(groups.y).x, level_at(groups.z).x, level_at(groups.w).x),
        Value(slope_at(groups.x).x, slope_at(groups.y).x, slope_at(groups.z).x, slope_at(groups.w).x),
    );
}
