// x + residual, where a device binds too few arrays for all at once.
//
// Grid: one unit a chunk. Traffic: x and residual once, their sum once.

import package::walk::{locate, element_of};
import package::tile::memory::{rounds_of};
import package::input::residual::{input_at};
import package::sum::set::{keep_sum};
import package::shown::all::{shown};
import package::pass::{WORKGROUP};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    let rounds = rounds_of(place);
    for (var k = 0u; k < rounds; k++) {
        let element = element_of(place, k);
        keep_sum(place.group, element, shown(place.group, element, input_at(place.group, element)));
    }
}
