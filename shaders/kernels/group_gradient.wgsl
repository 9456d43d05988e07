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
import package::tile::memory::{BLOCK, HOLDS_ALL, element_at, in_tile, has_block, sum_count, first_of_sum, last_of_sum};
import package::backward::pair_tile::{x_held, dy_held, load_pairs, load_pair_block, element_in};
import package::source::saved::{source_statistics};
import package::math::x_hat::{normalized};
import package::backward::affine_tile::{weights, biases, share_affine, load_affine};
import package::backward::group_gradient::{GroupGradient, inv_count_of, bessel_inv_count_of};
import package::backward::dx::{weighted_dx};
import package::backward::store_gradients::{store_gradients};
import package::backward::sum_times::{sum_times};
import package::backward::weight_applied::{PER_ELEMENT, PER_SEGMENT};
import package::fusion::{weighted, dz_of, masked, dx_at, store_input_gradients, store_output_gradients};
import package::pass::{shape, WEIGHT_APPLIED};

fn run(whole: WorkItem) {
    var item = whole;
    item.end = select(0u, shape.segment_length, whole.working || HOLDS_ALL);
    load_pairs(item);
    let statistics = source_statistics(item);

    var sums_of_group = Pair(Accumulator(0.0), Accumulator(0.0));
    for (var segment = 0u; segment < shape.segments; segment++) {
        share_affine(item, segment);
        var sums_of_segment = Pair(Accumulator(0.0), Accumulator(0.0));
        for (var sum = 0u; sum < sum_count(); sum++) {
            var sum_dz = Value(0.0);
            var sum_dz_xhat = Value(0.0);
            let last = last_of_sum(item, sum);
            for (var first = first_of_sum(sum); first < last; first += BLOCK) {
                if (has_block(first)) {
                    load_pair_block(item, segment, first);
                    load_affine(item, segment, first);
                    for (var k = 0u; k < BLOCK; k++) {
                        let element = element_in(segment, element_at(item, first + k));
                        let x_hat = masked(item.group, element, normalized(x_held(first, k), statistics));
                        let weight = masked(item.group, element, weights[k]);
                        let bias = masked(item.group, element, biases[k]);
                        var dz = once(element, dz_of(item.group, element, dy_held(first, k), x_hat, weight, bias));
                        if (WEIGHT_APPLIED == PER_ELEMENT) {
                            dz = weighted(dz, weight);
                        }
                        sum_dz += select(Value(0.0), dz, in_tile(item, first + k));
                        sum_dz_xhat += select(Value(0.0), dz * x_hat, in_tile(item, first + k));
                    }
                }
            }
            sums_of_segment.a += lane_sum(sum_dz);
            sums_of_segment.b += lane_sum(sum_dz_xhat);
        }
        sums_of_segment = reduce_sums(item, sums_of_segment);
        if (item.working && item.lane == 0u) {
            let index = item.group * shape.segments + segment;
            store_gradients(index, index, sums_of_segment);
        }
        let factor = select(Accumulator(1.0), first_lane(weights[0]), WEIGHT_APPLIED == PER_SEGMENT);
        sums_of_group.a += sum_times(sums_of_segment.a, factor);
        sums_of_group.b += sum_times(sums_of_segment.b, factor);
    }

    let group = GroupGradient(
        Value(statistics.mean),
        Value(statistics.mean_lo),
        Value(statistics.rstd),
        Value(group_sum(sums_of_group.a)) * inv_count_of(item.group),
        Value(group_sum(sums_of_group.b)) * bessel_inv_count_of(item.group),
    );
    for (var segment = 0u; segment < shape.segments; segment++) {
        share_affine(item, segment);
        for (var sum = 0u; sum < sum_count(); sum++) {
            let last = last_of_sum(item, sum);
            for (var first = first_of_sum(sum); first < last; first += BLOCK) {
                if (has_block(first)) {
                    load_pair_block(item, segment, first);
                    load_affine(item, segment, first);
                    for (var k = 0u; k < BLOCK; k++) {
                        let element = element_in(segment, element_at(item, first + k));
                        let x = x_held(first, k);
                        let x_hat = masked(item.group, element, normalized(x, statistics));
                        let weight = masked(item.group, element, weights[k]);
                        let bias = masked(item.group, element, biases[k]);
                        let dz = dz_of(item.group, element, dy_held(first, k), x_hat, weight, bias);
                        let dx = weighted_dx(item.group, element, dz, x, x_hat, weight, group);
                        if (item.working && in_tile(item, first + k)) {
                            store_input_gradients(item.group, element, dx_at(item.group, element, dx));
                            store_output_gradients(item.group, element, dy_held(first, k), x_hat, weight, bias);
                        }
                    }
                }
            }
        }
    }
}
