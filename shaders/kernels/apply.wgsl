// y = normalize(x) · weight + bias with statistics that are known already.
//
// Grid: one unit a chunk of a group. Traffic: x once, y once; the statistics once a unit, and where they are saved once
// a group.

import package::vector::scalar::{Accumulator};
import package::walk::{locate, element_of};
import package::source::saved::{source_of};
import package::math::moments::{Moments};
import package::math::normalized::{normalized};
import package::save::none::{save};
import package::weight::none::{weighted};
import package::bias::none::{biased};
import package::pass::{x, x_offset, y, WORKGROUP, BLOCK, BLOCKS};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    let statistics = source_of(place.group);
    if (place.working && place.chunk == 0u && place.lane == 0u) {
        // Statistics are all there is to save here: their moments are not known, or known to whoever gave them.
        let moments = Moments(statistics.mean, statistics.correction, Accumulator(0.0), 0.0);
        save(place.group, moments, statistics);
    }
    for (var k = 0u; k < BLOCKS * BLOCK; k++) {
        let element = element_of(place, k);
        if (element < place.end) {
            let offset = x_offset(place.group, element);
            let value = weighted(normalized(x[offset], statistics), place.group, element);
            y[offset] = biased(value, place.group, element);
        }
    }
}
