// The moments of each chunk of each group; and the sum of x and residual, where the unit holds it anyway.
//
// Grid: one unit a chunk, CHUNKS · groups units. Traffic: x once (twice from a cache where it is not held in registers);
// four numbers a chunk; the sum once.

import package::vector::scalar::{Accumulator};
import package::walk::{locate, element_of};
import package::sum::none::{keep_sum};
import package::shown::all::{shown};
import package::tile::memory::{hold, rounds_of, holds, item};
import package::moments::corrected::{moments_of};
import package::math::planes::{MEAN, CORRECTION, DEVIATION, COUNT, in_plane};
import package::pass::{call, partials, WORKGROUP, SUMS};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    hold(place);
    let moments = moments_of(place);
    if (SUMS == 1u) {
        let rounds = rounds_of(place);
        for (var k = 0u; k < rounds; k++) {
            if (holds(place, k)) {
                let element = element_of(place, k);
                keep_sum(place.group, element, shown(place.group, element, item(place, k)));
            }
        }
    }
    if (place.working && place.lane == 0u) {
        let part = place.chunk * call.groups + place.group;
        partials[in_plane(MEAN, part)] = moments.mean;
        partials[in_plane(CORRECTION, part)] = moments.correction;
        partials[in_plane(DEVIATION, part)] = moments.deviation;
        partials[in_plane(COUNT, part)] = moments.count;
    }
}
