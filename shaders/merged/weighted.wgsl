// Sums over dy times their weight: what a group is pulled by.

import package::reduce::invocation::{Pair};
import package::math::sum_times::{sum_times};
import package::weight::none::{weight_at};

fn merged_part(group: u32, element: u32, level: f32, slope: f32) -> Pair {
    let weight = weight_at(group, element);
    return Pair(sum_times(level, weight), sum_times(slope, weight));
}
