// The sums over dy, and over dy times the normalized x, of each chunk of each group.
//
// Grid: one unit a chunk, CHUNKS · groups units. Traffic: x and dy once; three numbers a chunk read, two written.

import package::vector::scalar::{Value, Accumulator, total};
import package::edges::aligned::{counted};
import package::reduce::invocation::{Pair, reduce_sums};
import package::walk::{locate, element_of};
import package::tile::memory::{rounds_of};
import package::source::saved::{source_of};
import package::math::normalized::{normalized};
import package::math::affine::{pull_of};
import package::weight::none::{weight_at, weighted};
import package::bias::none::{bias_at};
import package::shown::all::{shown};
import package::keep::sums::{keep_sums};
import package::pass::{call, load_x, load_dy, WORKGROUP, BLOCK, BLOCKS, WEIGHED};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    let statistics = source_of(place);
    let rounds = rounds_of(place);
    var sums = Pair(Accumulator(0.0), Accumulator(0.0));
    for (var block = 0u; block < BLOCKS; block++) {
        var levels = Value(0.0);
        var slopes = Value(0.0);
        let last = min((block + 1u) * BLOCK, rounds);
        for (var k = block * BLOCK; k < last; k++) {
            let element = element_of(place, k);
            let weight = shown(place.group, element, weight_at(place.group, element));
            let bias = shown(place.group, element, bias_at(place.group, element));
            let unit = shown(place.group, element, normalized(load_x(place.group, element), statistics));
            let dy = shown(place.group, element, load_dy(place.group, element));
            var pull = counted(element, pull_of(dy, unit, weight, bias));
            if (WEIGHED == 1u) {
                pull = weighted(pull, weight);
            }
            levels += pull;
            slopes += pull * unit;
        }
        sums.a += total(levels);
        sums.b += total(slopes);
    }
    sums = reduce_sums(place, sums);
    if (place.working && place.lane == 0u) {
        keep_sums(place.chunk * call.groups + place.group, sums.a, sums.b);
    }
}
