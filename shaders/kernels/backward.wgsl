// dx where one unit sees its whole group, and the sums over dy that weight and bias are pulled by.
//
// A group is CELLS cells, in each of which weight and bias are constant (GroupNorm: the channels of a group, one after the
// other or interleaved; one cell where they are constant in all of the group). Sums are kept for each cell.
// Grid: one unit a group. Traffic: x and dy once where the unit holds them in registers, else twice, the second time mostly
// from a cache; dx once; three numbers a group, two a cell. A second pass merges what was kept (merge_sums), unless each
// group has a weight and bias of its own (BatchNorm): then the sums are dweight and dbias.

import package::vector::scalar::{Value, Accumulator, total, first_of, of_group};
import package::edges::aligned::{counted};
import package::reduce::invocation::{Pair, reduce_sums};
import package::walk::{locate};
import package::pair::memory::{hold_pair, x_item, dy_item};
import package::source::saved::{source_of};
import package::math::group::{Group};
import package::math::normalized::{normalized};
import package::gradient::mean_variance::{gradient_of};
import package::math::affine::{pull_of};
import package::math::felt::{felt, felt_unit};
import package::math::sum_times::{sum_times};
import package::weight::none::{weight_at, weighted};
import package::bias::none::{bias_at};
import package::shown::all::{shown};
import package::share::constant::{share_of, slope_share_of};
import package::keep::none::{keep_sums};
import package::dx::set::{deposit_dx};
import package::dweight::none::{deposit_dweight};
import package::dbias::none::{deposit_dbias};
import package::pass::{WORKGROUP, LANES, BLOCK, BLOCKS, CELLS, CELL_LENGTH, CELL_START, CELL_STEP, WEIGHED};

// When dy is multiplied by the weight: with each element, with the sums of a cell, or (linear as it all is) with dx.
const BY_ELEMENT = 0u;
const BY_CELL = 1u;
const LAST = 2u;

fn element_in(cell: u32, position: u32) -> u32 {
    return cell * CELL_START + position * CELL_STEP;
}

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    let statistics = source_of(place);
    let cell_end = select(0u, CELL_LENGTH, place.working);

    var pulled = Pair(Accumulator(0.0), Accumulator(0.0));
    for (var cell = 0u; cell < CELLS; cell++) {
        var sums = Pair(Accumulator(0.0), Accumulator(0.0));
        var weight = weight_at(place.group, element_in(cell, 0u));
        var bias = bias_at(place.group, element_in(cell, 0u));
        for (var block = 0u; block < BLOCKS; block++) {
            var levels = Value(0.0);
            var slopes = Value(0.0);
            for (var k = 0u; k < BLOCK; k++) {
                let index = block * BLOCK + k;
                let position = index * LANES + place.lane;
                if (position < cell_end) {
                    let item = cell * BLOCKS * BLOCK + index;
                    let element = element_in(cell, position);
                    hold_pair(place, item, element);
                    if (WEIGHED == BY_ELEMENT) {
                        weight = weight_at(place.group, element);
                        bias = bias_at(place.group, element);
                    }
                    let unit = shown(place.group, element, normalized(x_item(place, item, element), statistics));
                    let own_weight = shown(place.group, element, weight);
                    let own_bias = shown(place.group, element, bias);
                    var pull = counted(element, pull_of(dy_item(place, item, element), unit, own_weight, own_bias));
                    if (WEIGHED == BY_ELEMENT) {
                        pull = weighted(pull, own_weight);
                    }
                    levels += pull;
                    slopes += pull * unit;
                }
            }
            sums.a += total(levels);
            sums.b += total(slopes);
        }
        sums = reduce_sums(place, sums);
        if (place.working && place.lane == 0u) {
            let index = place.group * CELLS + cell;
            keep_sums(index, sums.a, sums.b);
            deposit_dweight(index, sums.b);
            deposit_dbias(index, sums.a);
        }
        let factor = select(Accumulator(1.0), first_of(weight), WEIGHED == BY_CELL);
        pulled.a += sum_times(sums.a, factor);
        pulled.b += sum_times(sums.b, factor);
    }

    let group = Group(
        Value(statistics.mean),
        Value(statistics.correction),
        Value(statistics.scale),
        Value(of_group(pulled.a)) * share_of(place.group),
        Value(of_group(pulled.b)) * slope_share_of(place.group),
    );
    for (var cell = 0u; cell < CELLS; cell++) {
        var weight = weight_at(place.group, element_in(cell, 0u));
        var bias = bias_at(place.group, element_in(cell, 0u));
        for (var index = 0u; index < BLOCKS * BLOCK; index++) {
            let position = index * LANES + place.lane;
            if (position < cell_end) {
                let item = cell * BLOCKS * BLOCK + index;
                let element = element_in(cell, position);
                let value = x_item(place, item, element);
                let unit = shown(place.group, element, normalized(value, statistics));
                if (WEIGHED == BY_ELEMENT) {
                    weight = weight_at(place.group, element);
                    bias = bias_at(place.group, element);
                }
                let own_weight = shown(place.group, element, weight);
                let own_bias = shown(place.group, element, bias);
                let pull = pull_of(dy_item(place, item, element), unit, own_weight, own_bias);
                let own = felt(place.group, element, group);
                let own_unit = felt_unit(place.group, element, unit);
                var dx = Value(0.0);
                if (WEIGHED == LAST) {
                    dx = weighted(gradient_of(pull, value, own_unit, own), own_weight);
                } else {
                    dx = gradient_of(weighted(pull, own_weight), value, own_unit, own);
                }
                deposit_dx(place.group, element, shown(place.group, element, dx));
            }
        }
    }
}
