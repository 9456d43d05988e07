// (n · weight + bias) · (1 + scale) + shift as one weight and one bias: n · factor + addend.
//
// Grid: one invocation for each combination of the axes that any of the four varies along. Traffic: up to four numbers each, two
// written.

import package::walk::{locate};
import package::weight::none::{weight_at};
import package::bias::none::{bias_at};
import package::scale::none::{scale_at};
import package::shift::none::{shift_at};
import package::pass::{factor, addend, WORKGROUP};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    if (place.working) {
        let scale = scale_at(place.group, 0u);
        factor[place.group] = weight_at(place.group, 0u) * scale;
        addend[place.group] = bias_at(place.group, 0u) * scale + shift_at(place.group, 0u);
    }
}
