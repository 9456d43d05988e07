// y = normalize(x) · weight + bias, where one unit sees its whole group.
//
// Grid: one unit a group (a row, or four columns). Traffic: x once where the unit holds it in registers, else three
// times, the second and third mostly from a cache; y once; weight and bias once a group.

import package::walk::{locate, element_of};
import package::tile::memory::{hold, item};
import package::math::tile_moments::{tile_moments};
import package::math::moments::{settled};
import package::math::normalized::{normalized};
import package::statistic::mean_variance::{statistics_of};
import package::save::none::{save};
import package::weight::none::{weighted};
import package::bias::none::{biased};
import package::pass::{y, x_offset, WORKGROUP, BLOCK, BLOCKS};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    hold(place);
    let moments = settled(tile_moments(place));
    let statistics = statistics_of(moments);
    if (place.working && place.lane == 0u) {
        save(place.group, moments, statistics);
    }
    for (var k = 0u; k < BLOCKS * BLOCK; k++) {
        let element = element_of(place, k);
        if (element < place.end) {
            let value = weighted(normalized(item(place, k), statistics), place.group, element);
            y[x_offset(place.group, element)] = biased(value, place.group, element);
        }
    }
}
