// The sums over dz, and over dz · x_hat, of each chunk of each group.
//
// Grid: one item a chunk, chunks · groups items. Traffic: x and dy once; three numbers a chunk read, two written.

import package::vector::scalar::{Value, Accumulator, lane_sum};
import package::tail::exact::{once};
import package::reduce::invocation::{Pair, reduce_sums};
import package::work_item::{WorkItem, part_index};
import package::tile::memory::{BLOCK, element_at, in_tile, sum_count, first_of_sum, last_of_sum};
import package::backward::pair_tile::{x_held, dy_held, load_pair_block};
import package::source::saved::{source_statistics};
import package::backward::affine_tile::{weights, biases, share_affine, load_affine};
import package::math::x_hat::{normalized};
import package::backward::store_gradients::{store_gradients};
import package::backward::weight_applied::{PER_ELEMENT};
import package::fusion::{weighted, dz_of, masked};
import package::pass::{WEIGHT_APPLIED};

fn run(item: WorkItem) {
    let statistics = source_statistics(item);
    share_affine(item, 0u);
    var sums_of_item = Pair(Accumulator(0.0), Accumulator(0.0));
    for (var sum = 0u; sum < sum_count(); sum++) {
        var sum_dz = Value(0.0);
        var sum_dz_xhat = Value(0.0);
        let last = last_of_sum(item, sum);
        for (var first = first_of_sum(sum); first < last; first += BLOCK) {
            load_pair_block(item, 0u, first);
            load_affine(item, 0u, first);
            for (var k = 0u; k < BLOCK; k++) {
                let element = element_at(item, first + k);
                let weight = masked(item.group, element, weights[k]);
                let bias = masked(item.group, element, biases[k]);
                let x_hat = masked(item.group, element, normalized(x_held(first, k), statistics));
                var dz = once(element, dz_of(item.group, element, dy_held(first, k), x_hat, weight, bias));
                if (WEIGHT_APPLIED == PER_ELEMENT) {
                    dz = weighted(dz, weight);
                }
                sum_dz += select(Value(0.0), dz, in_tile(item, first + k));
                sum_dz_xhat += select(Value(0.0), dz * x_hat, in_tile(item, first + k));
            }
        }
        sums_of_item.a += lane_sum(sum_dz);
        sums_of_item.b += lane_sum(sum_dz_xhat);
    }
    sums_of_item = reduce_sums(item, sums_of_item);
    if (item.working && item.lane == 0u) {
        store_gradients(part_index(item), item.group, sums_of_item);
    }
}
