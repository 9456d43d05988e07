// The elements of a load are of one group, or of as many neighbouring ones.

import package::vector::scalar::{Value};
import package::math::group::{Group};
import package::statistic::mean_variance::{COMPARED};
import package::math::planes::{CORRECTION, SCALE, in_plane};
import package::sums::given::{level_at, slope_at};
import package::pass::{statistics, group_offset};

fn group_at(unit: u32, element: u32) -> Group {
    let index = group_offset(unit, element);
    return Group(
        Value(statistics[in_plane(COMPARED, index)]),
        Value(statistics[in_plane(CORRECTION, index)]),
        Value(statistics[in_plane(SCALE, index)]),
        level_at(index),
        slope_at(index),
    );
}
