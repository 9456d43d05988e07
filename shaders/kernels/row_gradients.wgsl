// dx and the sums for dweight and dbias of rows that weight and bias vary along (LayerNorm, RMSNorm), all in one reading.
//
// An item takes one row after the other and keeps the sums of its own elements in registers until the last; then the items of a workgroup
// add up theirs.
// Grid: call.items items, a few workgroups for each core, however many rows there are. Traffic: x, dy and dx once; weight once an item; two
// numbers an element of a row and workgroup. A second pass merges those (merge_gradient_sums).

import package::vector::scalar::{Value, lane_sum};
import package::reduce::invocation::{Pair, reduce_sums};
import package::work_item::{WorkItem};
import package::tile::registers::{BLOCK, element_at, in_tile};
import package::math::pair_tile::{x_tile, dy_tile, load_pairs};
import package::source::saved::{source_statistics};
import package::inclusion::all::{included_or_zero};
import package::gradient::mean_variance::{dx_of};
import package::math::x_hat::{normalized};
import package::math::planes::{SUM_DZ, SUM_DZ_XHAT};
import package::math::group_gradient::{GroupGradient, for_element, inv_count_of, bessel_inv_count_of};
import package::fusion::{weight_at, bias_at, weighted, dz_of, masked, dx_at};
import package::pass::{call, shape, store_dx, store_sums, WORKGROUP, LANES};

var<private> weights: array<Value, BLOCK>;
var<private> biases: array<Value, BLOCK>;
var<private> sums_dz: array<Value, BLOCK>;
var<private> sums_dz_xhat: array<Value, BLOCK>;

// What each invocation has of an element's sums.
var<workgroup> of_invocations: array<array<Value, 2>, WORKGROUP>;

// dx of one row, and its share in the sums.
fn take_row(item: WorkItem) {
    load_pairs(item);
    let statistics = source_statistics(item);
    var sum_dz = Value(0.0);
    var sum_dz_xhat = Value(0.0);
    for (var k = 0u; k < BLOCK; k++) {
        let element = element_at(item, k);
        let x_hat = masked(item.group, element, normalized(x_tile[k], statistics));
        let weight = masked(item.group, element, weights[k]);
        let bias = masked(item.group, element, biases[k]);
        let dz = select(Value(0.0), dz_of(dy_tile[k], x_hat, weight, bias), item.working && in_tile(item, k));
        let dz_xhat = select(Value(0.0), dz * x_hat, item.working && in_tile(item, k));
        sums_dz[k] += dz;
        sums_dz_xhat[k] += dz_xhat;
        sum_dz += weighted(dz, weight);
        sum_dz_xhat += weighted(dz_xhat, weight);
    }
    let sums_of_row = reduce_sums(item, Pair(lane_sum(sum_dz), lane_sum(sum_dz_xhat)));
    let group = GroupGradient(
        Value(statistics.mean),
        Value(statistics.mean_lo),
        Value(statistics.rstd),
        Value(sums_of_row.a) * inv_count_of(item.group),
        Value(sums_of_row.b) * bessel_inv_count_of(item.group),
    );
    for (var k = 0u; k < BLOCK; k++) {
        if (item.working && in_tile(item, k)) {
            let element = element_at(item, k);
            let x = x_tile[k];
            let x_hat = masked(item.group, element, normalized(x, statistics));
            let weight = masked(item.group, element, weights[k]);
            let dz = dz_of(dy_tile[k], x_hat, weight, masked(item.group, element, biases[k]));
            let group_of_element = for_element(item.group, element, group);
            let dx = dx_of(weighted(dz, weight), x, included_or_zero(item.group, element, x_hat), group_of_element);
            store_dx(item.group, element, dx_at(item.group, element, dx));
        }
    }
}

fn run(first: WorkItem) {
    for (var k = 0u; k < BLOCK; k++) {
        weights[k] = weight_at(first.group, element_at(first, k));
        biases[k] = bias_at(first.group, element_at(first, k));
    }
    let rounds = (call.groups + call.items - 1u) / call.items;
    for (var round = 0u; round < rounds; round++) {
        var item = first;
        item.group = first.group + round * call.items;
        item.working = first.working && item.group < call.groups;
        item.group = min(item.group, call.groups - 1u);
        take_row(item);
    }
    for (var k = 0u; k < BLOCK; k++) {
        if (WORKGROUP > LANES) {
            workgroupBarrier();
            of_invocations[first.place] = array<Value, 2>(sums_dz[k], sums_dz_xhat[k]);
            workgroupBarrier();
            for (var other = LANES; other < WORKGROUP; other += LANES) {
                if (first.place < LANES) {
                    sums_dz[k] += of_invocations[first.place + other][0];
                    sums_dz_xhat[k] += of_invocations[first.place + other][1];
                }
            }
        }
        if (first.place < LANES && in_tile(first, k)) {
            let part = first.workgroup * shape.length + element_at(first, k);
            store_sums(SUM_DZ, part, sums_dz[k]);
            store_sums(SUM_DZ_XHAT, part, sums_dz_xhat[k]);
        }
    }
}
