// A unit is LANES invocations of a workgroup (a power of two), which exchange through workgroup memory;
// WORKGROUP / LANES units share a workgroup.

import package::vector::scalar::{Accumulator};
import package::walk::{Place};
import package::pass::{WORKGROUP, LANES};

struct Pair {
    a: Accumulator,
    b: Accumulator,
}

var<workgroup> pairs: array<Pair, WORKGROUP>;
var<private> slot: u32;

fn unit_of(workgroup: u32, local: u32) -> u32 {
    slot = local;
    return workgroup * (WORKGROUP / LANES) + local / LANES;
}
fn lane_of(local: u32) -> u32 { return local % LANES; }

fn reduce_sums(place: Place, pair: Pair) -> Pair {
    pairs[slot] = pair;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (place.lane < half) {
            pairs[slot] = Pair(pairs[slot].a + pairs[slot + half].a, pairs[slot].b + pairs[slot + half].b);
        }
    }
    return exchanged(place);
}

fn reduce_sum_and_peak(place: Place, pair: Pair) -> Pair {
    pairs[slot] = pair;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (place.lane < half) {
            pairs[slot] = Pair(pairs[slot].a + pairs[slot + half].a, max(pairs[slot].b, pairs[slot + half].b));
        }
    }
    return exchanged(place);
}

fn exchanged(place: Place) -> Pair {
    workgroupBarrier();
    let result = pairs[slot - place.lane];
    workgroupBarrier();
    return result;
}
