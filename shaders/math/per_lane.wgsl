// The four columns of a load where they may be of different groups, which a map finds one by one.

import package::vector::scalar::{Value};
import package::pass::{load_statistics, group_offset};

fn groups_of(columns: u32) -> vec4u {
    let first = columns * 4u;
    return vec4u(
        group_offset(first, 0u), group_offset(first + 1u, 0u), group_offset(first + 2u, 0u), group_offset(first + 3u, 0u),
    );
}

fn statistics_per_lane(plane: u32, groups: vec4u) -> Value {
    return Value(
        load_statistics(plane, groups.x),
        load_statistics(plane, groups.y),
        load_statistics(plane, groups.z),
        load_statistics(plane, groups.w),
    );
}
