// dx where the sums over dz of each group are known or not needed, and the sums over dz of each item. (G8 to G13.)
//
// Items are the groups, or the sets of elements that share weight and bias: then each element has a group of its own (GROUP_VARIES), and the
// sums of an item are a part of dweight and dbias, or where it covers all of its elements those themselves. Of a function of each element the sums
// over what goes back through it are parts of the gradients of alpha and its shift (G26).
// Grid: one item a chunk. Traffic: x and dy once, dx once; five numbers an item, or where they vary an element (from a cache).

import package::vector::scalar::{Value, Accumulator, lane_sum};
import package::tail::exact::{once};
import package::reduce::invocation::{Pair, reduce_sums};
import package::work_item::{WorkItem, part_index};
import package::tile::memory::{BLOCK, element_at, in_tile, sum_count, first_of_sum, last_of_sum};
import package::backward::pair_tile::{x_held, dy_held, load_pair_block};
import package::lookup::uniform::{group_at};
import package::math::x_hat::{x_hat_of, through_curve};
import package::backward::affine_tile::{weights, biases, share_affine, load_affine};
import package::backward::group_gradient::{GroupGradient};
import package::backward::dx::{weighted_dx};
import package::math::planes::{SUM_DS, SUM_DS_X};
import package::backward::store_gradients::{store_gradients};
import package::fusion::{weighted, dz_of, masked, dx_at, store_input_gradients, store_output_gradients};
import package::pass::{store_sums, GROUP_VARIES, KEEPS_SUMS, KEEPS_INPUT_SUMS};

fn run(item: WorkItem) {
    var groups: array<GroupGradient, BLOCK>;
    groups[0] = group_at(item.group, item.first);
    share_affine(item, 0u);
    var sums_of_item = Pair(Accumulator(0.0), Accumulator(0.0));
    var input_sums_of_item = Pair(Accumulator(0.0), Accumulator(0.0));
    for (var sum = 0u; sum < sum_count(); sum++) {
        var sum_dz = Value(0.0);
        var sum_dz_xhat = Value(0.0);
        var sum_ds = Value(0.0);
        var sum_ds_x = Value(0.0);
        let last = last_of_sum(item, sum);
        for (var first = first_of_sum(sum); first < last; first += BLOCK) {
            load_pair_block(item, 0u, first);
            load_affine(item, 0u, first);
            for (var k = 0u; k < BLOCK; k++) {
                if (GROUP_VARIES) {
                    groups[k] = group_at(item.group, element_at(item, first + k));
                } else {
                    groups[k] = groups[0];
                }
            }
            for (var k = 0u; k < BLOCK; k++) {
                let element = element_at(item, first + k);
                let group = groups[k];
                let x = x_held(first, k);
                let x_hat = masked(item.group, element, x_hat_of(x, group.mean, group.mean_lo, group.rstd));
                let weight = masked(item.group, element, weights[k]);
                let bias = masked(item.group, element, biases[k]);
                let dz = dz_of(item.group, element, dy_held(first, k), x_hat, weight, bias);
                sum_dz += select(Value(0.0), once(element, dz), in_tile(item, first + k));
                sum_dz_xhat += select(Value(0.0), once(element, dz * x_hat), in_tile(item, first + k));
                if (KEEPS_INPUT_SUMS) {
                    let ds = through_curve(weighted(dz, weight), x, group.mean, group.rstd);
                    sum_ds += select(Value(0.0), once(element, ds), in_tile(item, first + k));
                    sum_ds_x += select(Value(0.0), once(element, ds * x), in_tile(item, first + k));
                }
                let dx = weighted_dx(item.group, element, dz, x, x_hat, weight, group);
                if (item.working && in_tile(item, first + k)) {
                    store_input_gradients(item.group, element, dx_at(item.group, element, dx));
                    store_output_gradients(item.group, element, dy_held(first, k), x_hat, weight, bias);
                }
            }
        }
        sums_of_item.a += lane_sum(sum_dz);
        sums_of_item.b += lane_sum(sum_dz_xhat);
        input_sums_of_item.a += lane_sum(sum_ds);
        input_sums_of_item.b += lane_sum(sum_ds_x);
    }
    if (KEEPS_SUMS) {
        sums_of_item = reduce_sums(item, sums_of_item);
        if (item.working && item.lane == 0u) {
            store_gradients(part_index(item), item.group, sums_of_item);
        }
    }
    if (KEEPS_INPUT_SUMS) {
        input_sums_of_item = reduce_sums(item, input_sums_of_item);
        if (item.working && item.lane == 0u) {
            store_sums(SUM_DS, part_index(item), input_sums_of_item.a);
            store_sums(SUM_DS_X, part_index(item), input_sums_of_item.b);
        }
    }
}
