// Merges sums over dy: LENGTH parts each, wherever their map finds them, as they are or each times a number of its own. What comes
// out is kept as the sums of a group, or is dweight and dbias themselves.
//
// Grid: one unit an output. Traffic: two numbers a part, up to two an output.

import package::reduce::invocation::{Pair, reduce_sums};
import package::walk::{locate, element_of};
import package::math::planes::{LEVEL, SLOPE};
import package::merged::plain::{merged_part};
import package::keep::sums::{keep_sums};
import package::dweight::none::{deposit_dweight};
import package::dbias::none::{deposit_dbias};
import package::pass::{call, partials, part_offset, WORKGROUP, BLOCK, BLOCKS};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    var sums = Pair(0.0, 0.0);
    for (var block = 0u; block < BLOCKS; block++) {
        var some = Pair(0.0, 0.0);
        for (var k = 0u; k < BLOCK; k++) {
            let element = element_of(place, block * BLOCK + k);
            if (element < place.end) {
                let part = part_offset(place.group, element);
                let level = partials[LEVEL * call.part_plane + part];
                let merged = merged_part(place.group, element, level, partials[SLOPE * call.part_plane + part]);
                some.a += merged.a;
                some.b += merged.b;
            }
        }
        sums.a += some.a;
        sums.b += some.b;
    }
    sums = reduce_sums(place, sums);
    if (place.working && place.lane == 0u) {
        keep_sums(place.group, sums.a, sums.b);
        deposit_dweight(place.group, sums.b);
        deposit_dbias(place.group, sums.a);
    }
}
