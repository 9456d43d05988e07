// What weight and bias are pulled by where a scale follows them.

import package::reduce::invocation::{Pair};
import package::math::sum_times::{sum_times};
import package::scale::none::{scale_at};

fn merged_part(group: u32, element: u32, level: f32, slope: f32) -> Pair {
    let scale = scale_at(group, element);
    return Pair(sum_times(level, scale), sum_times(slope, scale));
}
