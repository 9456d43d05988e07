// The four columns of a load where they may be of different groups, which a map finds one by one.

import package::vector::scalar::{Value};
import package::math::planes::{in_plane};
import package::pass::{statistics, group_offset};

fn apart(plane: u32, groups: vec4u) -> Value {
    return Value(
        statistics[in_plane(plane, groups.x)],
        statistics[in_plane(plane, groups.y)],
        statistics[in_plane(plane, groups.z)],
        statistics[in_plane(plane, groups.w)],
    );
}

fn groups_of(unit: u32) -> vec4u {
    let first = unit * 4u;
    return vec4u(
        group_offset(first, 0u), group_offset(first + 1u, 0u), group_offset(first + 2u, 0u), group_offset(first + 3u, 0u),
    );
}
