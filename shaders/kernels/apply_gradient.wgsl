// dx where the sums over dz of each group are known or not needed, and the sums over dz of each item. (G8 to G13.)
//
// Items are the groups, or the sets of elements that share weight and bias: then each element has a group of its own (GROUP_VARIES), and the
// sums of an item are a part of dweight and dbias, or where it covers all of its elements those themselves.
// Grid: one item a chunk. Traffic: x and dy once, dx once; five numbers an item, or where they vary an element (from a cache).

import package::vector::scalar::{Value, Accumulator, lane_sum};
import package::tail::exact::{once};
import package::reduce::invocation::{Pair, reduce_sums};
import package::work_item::{WorkItem, load_index, part_index};
import package::tile::memory::{iterations};
import package::lookup::uniform::{group_at};
import package::inclusion::all::{included_or_zero};
import package::gradient::mean_variance::{dx_of};
import package::math::x_hat::{x_hat_of};
import package::math::group_gradient::{for_element};
import package::math::store_gradients::{store_gradients};
import package::math::weight_applied::{AFTER_REDUCTION};
import package::fusion::{weight_at, bias_at, weighted, dz_of, masked, dx_at};
import package::pass::{shape, load_x, load_dy, store_dx, GROUP_VARIES, WEIGHT_VARIES, WEIGHT_APPLIED, KEEPS_SUMS};

fn run(item: WorkItem) {
    var group = group_at(item.group, item.first);
    var weight_of_item = weight_at(item.group, item.first);
    var bias_of_item = bias_at(item.group, item.first);
    let rounds = iterations(item);
    var sums = Pair(Accumulator(0.0), Accumulator(0.0));
    for (var block = 0u; block < shape.blocks; block++) {
        var sum_dz = Value(0.0);
        var sum_dz_xhat = Value(0.0);
        let last = min((block + 1u) * shape.block_length, rounds);
        for (var k = block * shape.block_length; k < last; k++) {
            let element = load_index(item, k);
            if (GROUP_VARIES) {
                group = group_at(item.group, element);
            }
            if (WEIGHT_VARIES) {
                weight_of_item = weight_at(item.group, element);
                bias_of_item = bias_at(item.group, element);
            }
            let x = load_x(item.group, element);
            let dy = masked(item.group, element, load_dy(item.group, element));
            let x_hat = masked(item.group, element, x_hat_of(x, group.mean, group.mean_lo, group.rstd));
            let weight = masked(item.group, element, weight_of_item);
            let dz = dz_of(dy, x_hat, weight, masked(item.group, element, bias_of_item));
            sum_dz += once(element, dz);
            sum_dz_xhat += once(element, dz * x_hat);
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
        sums.a += lane_sum(sum_dz);
        sums.b += lane_sum(sum_dz_xhat);
    }
    if (KEEPS_SUMS) {
        sums = reduce_sums(item, sums);
        if (item.working && item.lane == 0u) {
            store_gradients(part_index(item), item.group, sums);
        }
    }
}
