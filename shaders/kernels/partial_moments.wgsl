// The moments of each chunk of each group.
//
// Grid: one unit a chunk, CHUNKS · groups units. Traffic: x once (twice from a cache where it is not held in registers);
// four numbers a chunk.

import package::vector::scalar::{Accumulator};
import package::walk::{locate};
import package::tile::memory::{hold};
import package::moments::corrected::{moments_of};
import package::math::planes::{MEAN, CORRECTION, DEVIATION, COUNT, in_plane};
import package::pass::{call, partials, WORKGROUP};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    hold(place);
    let moments = moments_of(place);
    if (place.working && place.lane == 0u) {
        let part = place.chunk * call.groups + place.group;
        partials[in_plane(MEAN, part)] = moments.mean;
        partials[in_plane(CORRECTION, part)] = moments.correction;
        partials[in_plane(DEVIATION, part)] = moments.deviation;
        partials[in_plane(COUNT, part)] = moments.count;
    }
}
