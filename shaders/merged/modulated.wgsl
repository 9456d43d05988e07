// What scale and shift are pulled by that follow a weight or a bias: the scale by n · weight + bias.

import package::reduce::invocation::{Pair};
import package::math::sum_times::{sum_times};
import package::weight::none::{weight_at};
import package::bias::none::{bias_at};

fn merged_part(group: u32, element: u32, level: f32, slope: f32) -> Pair {
    return Pair(level, sum_times(slope, weight_at(group, element)) + sum_times(level, bias_at(group, element)));
}
