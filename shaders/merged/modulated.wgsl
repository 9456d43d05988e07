// What scale and shift are pulled by that follow a weight or a bias: the scale by n · weight + bias.

import package::reduce::invocation::{Pair};
import package::weight::none::{weight_at};
import package::bias::none::{bias_at};

fn merged_part(group: u32, element: u32, level: f32, slope: f32) -> Pair {
    return Pair(level, slope * weight_at(group, element) + level * bias_at(group, element));
}
