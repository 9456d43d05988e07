// dx and the sums for dweight and dbias of rows that weight and bias vary along (LayerNorm, RMSNorm), all in one reading.
//
// A unit takes one row after the other and keeps the sums of its own elements in registers until the last.
// Grid: call.units units, at most a few hundred workgroups, however many rows there are. Traffic: x, dy and dx once; weight
// once a row, from a cache; two numbers an element of a row and unit. A second pass merges those (merge_sums).

import package::vector::scalar::{Value, Accumulator, total};
import package::reduce::invocation::{Pair, reduce_sums};
import package::walk::{locate, element_of};
import package::pair::registers::{hold_pair, x_item, dy_item};
import package::source::saved::{source_of};
import package::math::group::{Group};
import package::math::normalized::{normalized};
import package::math::planes::{LEVEL, SLOPE};
import package::gradient::mean_variance::{gradient_of};
import package::math::affine::{pull_of};
import package::math::felt::{felt, felt_unit};
import package::weight::none::{weight_at, weighted};
import package::bias::none::{bias_at};
import package::shown::all::{shown};
import package::share::constant::{share_of, slope_share_of};
import package::dx::set::{deposit_dx};
import package::pass::{call, kept, WORKGROUP, LENGTH, ITEMS};

var<private> levels: array<Value, ITEMS>;
var<private> slopes: array<Value, ITEMS>;

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let unit = locate(workgroup, workgroups, local);
    let rounds = (call.groups + call.units - 1u) / call.units;
    for (var round = 0u; round < rounds; round++) {
        var place = unit;
        place.group = unit.group + round * call.units;
        let working = unit.working && place.group < call.groups;
        place.group = select(0u, place.group, working);
        let end = select(0u, LENGTH, working);
        let statistics = source_of(place);

        var level = Value(0.0);
        var slope = Value(0.0);
        for (var k = 0u; k < ITEMS; k++) {
            let element = element_of(place, k);
            if (element < end) {
                hold_pair(place, k, element);
                let unit_value = shown(place.group, element, normalized(x_item(place, k, element), statistics));
                let weight = shown(place.group, element, weight_at(place.group, element));
                let bias = shown(place.group, element, bias_at(place.group, element));
                let pull = pull_of(dy_item(place, k, element), unit_value, weight, bias);
                levels[k] += pull;
                slopes[k] += pull * unit_value;
                level += weighted(pull, weight);
                slope += weighted(pull * unit_value, weight);
            }
        }
        let sums = reduce_sums(place, Pair(total(level), total(slope)));
        let group = Group(
            Value(statistics.mean),
            Value(statistics.correction),
            Value(statistics.scale),
            Value(sums.a) * share_of(place.group),
            Value(sums.b) * slope_share_of(place.group),
        );
        for (var k = 0u; k < ITEMS; k++) {
            let element = element_of(place, k);
            if (element < end) {
                let value = x_item(place, k, element);
                let unit_value = shown(place.group, element, normalized(value, statistics));
                let weight = shown(place.group, element, weight_at(place.group, element));
                let bias = shown(place.group, element, bias_at(place.group, element));
                let pull = pull_of(dy_item(place, k, element), unit_value, weight, bias);
                let own = felt(place.group, element, group);
                let own_unit = felt_unit(place.group, element, unit_value);
                let dx = gradient_of(weighted(pull, weight), value, own_unit, own);
                deposit_dx(place.group, element, shown(place.group, element, dx));
            }
        }
    }
    for (var k = 0u; k < ITEMS; k++) {
        let element = element_of(unit, k);
        if (element < unit.end) {
            let part = unit.group * LENGTH + element;
            kept[LEVEL * call.kept_plane + part] = levels[k];
            kept[SLOPE * call.kept_plane + part] = slopes[k];
        }
    }
}
