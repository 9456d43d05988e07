// dx and the sums for dweight and dbias of rows that weight and bias vary along (LayerNorm, RMSNorm), all in one reading.
//
// An item takes one row after the other and keeps the sums of its own elements in registers until the last.
// Grid: call.items items, at most a few hundred workgroups, however many rows there are. Traffic: x, dy and dx once; weight
// once a row, from a cache; two numbers an element of a row and item. A second pass merges those (merge_gradient_sums).

import package::vector::scalar::{Value, lane_sum};
import package::reduce::invocation::{Pair, reduce_sums};
import package::work_item::{WorkItem, load_index};
import package::pair::registers::{load_pair, x_at, dy_at};
import package::source::saved::{source_statistics};
import package::inclusion::all::{included_or_zero};
import package::gradient::mean_variance::{dx_of};
import package::math::x_hat::{normalized};
import package::math::planes::{SUM_DZ, SUM_DZ_XHAT};
import package::math::group_gradient::{GroupGradient, for_element, inv_count_of, bessel_inv_count_of};
import package::fusion::{weight_at, bias_at, weighted, dz_of, masked, dx_at};
import package::pass::{call, shape, store_dx, store_sums, HELD};

var<private> sums_dz: array<Value, HELD>;
var<private> sums_dz_xhat: array<Value, HELD>;

fn run(first: WorkItem) {
    let rounds = (call.groups + call.items - 1u) / call.items;
    for (var round = 0u; round < rounds; round++) {
        var item = first;
        item.group = first.group + round * call.items;
        let working = first.working && item.group < call.groups;
        item.group = select(0u, item.group, working);
        let end = select(0u, shape.length, working);
        let statistics = source_statistics(item);

        var sum_dz = Value(0.0);
        var sum_dz_xhat = Value(0.0);
        for (var k = 0u; k < HELD; k++) {
            let element = load_index(item, k);
            if (element < end) {
                load_pair(item, k, element);
                let x_hat = masked(item.group, element, normalized(x_at(item, k, element), statistics));
                let weight = masked(item.group, element, weight_at(item.group, element));
                let bias = masked(item.group, element, bias_at(item.group, element));
                let dz = dz_of(dy_at(item, k, element), x_hat, weight, bias);
                sums_dz[k] += dz;
                sums_dz_xhat[k] += dz * x_hat;
                sum_dz += weighted(dz, weight);
                sum_dz_xhat += weighted(dz * x_hat, weight);
            }
        }
        let sums = reduce_sums(item, Pair(lane_sum(sum_dz), lane_sum(sum_dz_xhat)));
        let group = GroupGradient(
            Value(statistics.mean),
            Value(statistics.mean_lo),
            Value(statistics.rstd),
            Value(sums.a) * inv_count_of(item.group),
            Value(sums.b) * bessel_inv_count_of(item.group),
        );
        for (var k = 0u; k < HELD; k++) {
            let element = load_index(item, k);
            if (element < end) {
                let x = x_at(item, k, element);
                let x_hat = masked(item.group, element, normalized(x, statistics));
                let weight = masked(item.group, element, weight_at(item.group, element));
                let bias = masked(item.group, element, bias_at(item.group, element));
                let dz = dz_of(dy_at(item, k, element), x_hat, weight, bias);
                let group_of_element = for_element(item.group, element, group);
                let dx = dx_of(weighted(dz, weight), x, included_or_zero(item.group, element, x_hat), group_of_element);
                store_dx(item.group, element, dx_at(item.group, element, dx));
            }
        }
    }
    for (var k = 0u; k < HELD; k++) {
        let element = load_index(first, k);
        if (element < first.end) {
            let part = first.group * shape.length + element;
            store_sums(SUM_DZ, part, sums_dz[k]);
            store_sums(SUM_DZ_XHAT, part, sums_dz_xhat[k]);
        }
    }
}
