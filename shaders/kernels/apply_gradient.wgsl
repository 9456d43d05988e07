// dx where the sums over dy of each group are known or not needed, and the sums over dy of what the units walk over.
//
// The units walk over the groups, or over the elements that share weight and bias: then each element has its own group
// (VARYING), and the sums of a unit are a part of dweight and dbias, or where it sees all of its elements those themselves.
// Grid: one unit a chunk. Traffic: x and dy once, dx once; five numbers a unit, or where they vary an element (from a cache).

import package::vector::scalar::{Value, Accumulator, total};
import package::edges::aligned::{counted};
import package::reduce::invocation::{Pair, reduce_sums};
import package::walk::{locate, element_of};
import package::tile::memory::{rounds_of};
import package::group::alike::{group_at};
import package::math::normalized::{normalized_by};
import package::gradient::mean_variance::{gradient_of};
import package::math::affine::{pull_of};
import package::math::felt::{felt, felt_unit};
import package::weight::none::{weight_at, weighted};
import package::bias::none::{bias_at};
import package::shown::all::{shown};
import package::keep::none::{keep_sums};
import package::dx::set::{deposit_dx};
import package::dweight::none::{deposit_dweight};
import package::dbias::none::{deposit_dbias};
import package::pass::{call, load_x, load_dy, WORKGROUP, BLOCK, BLOCKS, VARYING, WEIGHT_VARYING, WEIGHED_LAST, SUMMED};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    var group = group_at(place.group, place.start);
    var weight = weight_at(place.group, place.start);
    var bias = bias_at(place.group, place.start);
    let rounds = rounds_of(place);
    var sums = Pair(Accumulator(0.0), Accumulator(0.0));
    for (var block = 0u; block < BLOCKS; block++) {
        var levels = Value(0.0);
        var slopes = Value(0.0);
        let last = min((block + 1u) * BLOCK, rounds);
        for (var k = block * BLOCK; k < last; k++) {
            let element = element_of(place, k);
            if (VARYING == 1u) {
                group = group_at(place.group, element);
            }
            if (WEIGHT_VARYING == 1u) {
                weight = weight_at(place.group, element);
                bias = bias_at(place.group, element);
            }
            let value = load_x(place.group, element);
            let dy = shown(place.group, element, load_dy(place.group, element));
            let unit = shown(place.group, element, normalized_by(value, group.mean, group.correction, group.scale));
            let own_weight = shown(place.group, element, weight);
            let pull = pull_of(dy, unit, own_weight, shown(place.group, element, bias));
            let own = felt(place.group, element, group);
            let own_unit = felt_unit(place.group, element, unit);
            levels += counted(element, pull);
            slopes += counted(element, pull * unit);
            var dx = Value(0.0);
            if (WEIGHED_LAST == 1u) {
                dx = weighted(gradient_of(pull, value, own_unit, own), own_weight);
            } else {
                dx = gradient_of(weighted(pull, own_weight), value, own_unit, own);
            }
            deposit_dx(place.group, element, shown(place.group, element, dx));
        }
        sums.a += total(levels);
        sums.b += total(slopes);
    }
    if (SUMMED == 1u) {
        sums = reduce_sums(place, sums);
        if (place.working && place.lane == 0u) {
            keep_sums(place.chunk * call.groups + place.group, sums.a, sums.b);
            deposit_dweight(place.group, sums.b);
            deposit_dbias(place.group, sums.a);
        }
    }
}
