// The sums over dz, and over dz · x_hat, of each chunk of each group.
//
// Grid: one item a chunk, chunks · groups items. Traffic: x and dy once; three numbers a chunk read, two written.

import package::vector::scalar::{Value, Accumulator, lane_sum};
import package::tail::exact::{once};
import package::reduce::invocation::{Pair, reduce_sums};
import package::work_item::{WorkItem, load_index, part_index};
import package::tile::memory::{iterations};
import package::source::saved::{source_statistics};
import package::math::x_hat::{normalized};
import package::math::store_gradients::{store_gradients};
import package::math::weight_applied::{PER_ELEMENT};
import package::fusion::{weight_at, bias_at, weighted, dz_of, masked};
import package::pass::{shape, load_x, load_dy, WEIGHT_APPLIED};

fn run(item: WorkItem) {
    let statistics = source_statistics(item);
    let rounds = iterations(item);
    var sums = Pair(Accumulator(0.0), Accumulator(0.0));
    for (var block = 0u; block < shape.blocks; block++) {
        var sum_dz = Value(0.0);
        var sum_dz_xhat = Value(0.0);
        let last = min((block + 1u) * shape.block_length, rounds);
        for (var k = block * shape.block_length; k < last; k++) {
            let element = load_index(item, k);
            let weight = masked(item.group, element, weight_at(item.group, element));
            let bias = masked(item.group, element, bias_at(item.group, element));
            let x_hat = masked(item.group, element, normalized(load_x(item.group, element), statistics));
            let dy = masked(item.group, element, load_dy(item.group, element));
            var dz = once(element, dz_of(dy, x_hat, weight, bias));
            if (WEIGHT_APPLIED == PER_ELEMENT) {
                dz = weighted(dz, weight);
            }
            sum_dz += dz;
            sum_dz_xhat += dz * x_hat;
        }
        sums.a += lane_sum(sum_dz);
        sums.b += lane_sum(sum_dz_xhat);
    }
    sums = reduce_sums(item, sums);
    if (item.working && item.lane == 0u) {
        store_gradients(part_index(item), item.group, sums);
    }
}
