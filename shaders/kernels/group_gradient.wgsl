// dx where one item covers its whole group, and the sums over dz that the gradients of weight and bias are made of.
//
// A group is shape.segments segments, in each of which weight and bias are constant (GroupNorm: the channels of a group, one after the
// other or interleaved; one segment where they are constant in all of the group). Sums are kept for each segment.
// Grid: one item a group. Traffic: x and dy once where the item holds them in registers, else twice, the second time mostly
// from a cache; dx once; three numbers a group, two a segment. A second pass merges what was kept (merge_gradient_sums), unless each
// group has a weight and bias of its own (BatchNorm): then the sums are dweight and dbias.

import package::vector::scalar::{Value, Accumulator, lane_sum, first_lane, group_sum};
import package::tail::exact::{once};
import package::reduce::invocation::{Pair, reduce_sums};
import package::work_item::{WorkItem};
import package::pair::memory::{load_pair, x_at, dy_at};
import package::source::saved::{source_statistics};
import package::inclusion::all::{included_or_zero};
import package::gradient::mean_variance::{dx_of};
import package::math::x_hat::{normalized};
import package::math::group_gradient::{GroupGradient, for_element, inv_count_of, bessel_inv_count_of};
import package::math::store_gradients::{store_gradients};
import package::math::sum_times::{sum_times};
import package::math::weight_applied::{PER_ELEMENT, PER_SEGMENT, AFTER_REDUCTION};
import package::fusion::{weight_at, bias_at, weighted, dz_of, masked, dx_at};
import package::pass::{shape, store_dx, LANES, WEIGHT_APPLIED};

fn element_in(segment: u32, position: u32) -> u32 { return segment * shape.segment_start + position * shape.segment_step; }

fn run(item: WorkItem) {
    let statistics = source_statistics(item);
    let end = select(0u, shape.segment_length, item.working);

    var sums_of_group = Pair(Accumulator(0.0), Accumulator(0.0));
    for (var segment = 0u; segment < shape.segments; segment++) {
        var sums = Pair(Accumulator(0.0), Accumulator(0.0));
        var weight_of_segment = weight_at(item.group, element_in(segment, 0u));
        var bias_of_segment = bias_at(item.group, element_in(segment, 0u));
        for (var block = 0u; block < shape.blocks; block++) {
            var sum_dz = Value(0.0);
            var sum_dz_xhat = Value(0.0);
            for (var k = 0u; k < shape.block_length; k++) {
                let index = block * shape.block_length + k;
                let position = index * LANES + item.lane;
                if (position < end) {
                    let held = segment * shape.blocks * shape.block_length + index;
                    let element = element_in(segment, position);
                    load_pair(item, held, element);
                    if (WEIGHT_APPLIED == PER_ELEMENT) {
                        weight_of_segment = weight_at(item.group, element);
                        bias_of_segment = bias_at(item.group, element);
                    }
                    let x_hat = masked(item.group, element, normalized(x_at(item, held, element), statistics));
                    let weight = masked(item.group, element, weight_of_segment);
                    let bias = masked(item.group, element, bias_of_segment);
                    var dz = once(element, dz_of(dy_at(item, held, element), x_hat, weight, bias));
                    if (WEIGHT_APPLIED == PER_ELEMENT) {
                        dz = weighted(dz, weight);
                    }
                    sum_dz += dz;
                    sum_dz_xhat += dz * x_hat;
                }
            }
            sums.a += lane_sum(sum_dz);
            sums.b += lane_sum(sum_dz_xhat);
        }
        sums = reduce_sums(item, sums);
        if (item.working && item.lane == 0u) {
            let index = item.group * shape.segments + segment;
            store_gradients(index, index, sums);
        }
        let factor = select(Accumulator(1.0), first_lane(weight_of_segment), WEIGHT_APPLIED == PER_SEGMENT);
        sums_of_group.a += sum_times(sums.a, factor);
        sums_of_group.b += sum_times(sums.b, factor);
    }

    let group = GroupGradient(
        Value(statistics.mean),
        Value(statistics.mean_lo),
        Value(statistics.rstd),
        Value(group_sum(sums_of_group.a)) * inv_count_of(item.group),
        Value(group_sum(sums_of_group.b)) * bessel_inv_count_of(item.group),
    );
    for (var segment = 0u; segment < shape.segments; segment++) {
        var weight_of_segment = weight_at(item.group, element_in(segment, 0u));
        var bias_of_segment = bias_at(item.group, element_in(segment, 0u));
        for (var index = 0u; index < shape.blocks * shape.block_length; index++) {
            let position = index * LANES + item.lane;
            if (position < end) {
                let held = segment * shape.blocks * shape.block_length + index;
                let element = element_in(segment, position);
                let x = x_at(item, held, element);
                let x_hat = masked(item.group, element, normalized(x, statistics));
                if (WEIGHT_APPLIED == PER_ELEMENT) {
                    weight_of_segment = weight_at(item.group, element);
                    bias_of_segment = bias_at(item.group, element);
                }
                let weight = masked(item.group, element, weight_of_segment);
                let bias = masked(item.group, element, bias_of_segment);
                let dz = dz_of(dy_at(item, held, element), x_hat, weight, bias);
                let group_of_element = for_element(item.group, element, group);
                let included_x_hat = included_or_zero(item.group, element, x_hat);
                var dx = Value(0.0);
                if (WEIGHT_APPLIED == AFTER_REDUCTION) {
                    dx = weighted(dx_of(dz, x, included_x_hat, group_of_element), weight);
                } else {
                    dx = dx_of(weighted(dz, weight), x, included_x_hat, group_of_element);
                }
                store_dx(item.group, element, dx_at(item.group, element, dx));
            }
        }
    }
}
