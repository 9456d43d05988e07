// dx and the sums for dweight and dbias of rows that weight and bias vary along (LayerNorm, RMSNorm), all in one reading; with a gate those
// for it too, and what goes on to the residual (G15).
//
// Rows come in sets that share weight, bias and gate: all of them, or those of a sample (AdaLN). An item takes one row of a set after the other
// and keeps the sums of its own elements in registers until the last; then the items of a workgroup add up theirs.
// Grid: shape.set_workgroups workgroups a set, a few for each core in all, however many rows there are. Traffic: x, dy and dx once (residual and
// dresidual too); weight once an item; two numbers (three) an element of a row and workgroup. A second pass merges those (merge_gradient_sums).

import package::vector::scalar::{Value, lane_sum};
import package::reduce::invocation::{Pair, reduce_sums, lanes, lane_bits};
import package::work_item::{WorkItem};
import package::tile::registers::{ROOM, element_at, in_tile};
import package::backward::pair_tile::{x_tile, dy_tile, load_pairs};
import package::source::saved::{source_statistics};
import package::inclusion::all::{included_or_zero};
import package::gradient::mean_variance::{dx_of};
import package::math::x_hat::{normalized};
import package::math::planes::{SUM_DZ, SUM_DZ_XHAT, SUM_DS_RESIDUAL};
import package::backward::group_gradient::{GroupGradient, for_element, inv_count_of, bessel_inv_count_of};
import package::fusion::{
    weight_at, bias_at, weighted, dz_of, masked, dx_at, store_input_gradients, store_output_gradients,
};
import package::pass::{
    call, shape, load_residual, load_gate, store_dresidual, store_sums, WORKGROUP, HAS_GATE,
};

// Sums of each element, and what all rows of a set share.
var<private> weights: array<Value, ROOM>;
var<private> biases: array<Value, ROOM>;
var<private> gates: array<Value, ROOM>;
var<private> sums_dz: array<Value, ROOM>;
var<private> sums_dz_xhat: array<Value, ROOM>;
var<private> sums_ds_residual: array<Value, ROOM>;

// Parts of one of an element's sums, one of each invocation, and of how many items those are read at once.
var<workgroup> of_invocations: array<Value, WORKGROUP>;
const SUMS_AT_ONCE = 4u;

// dx of one row, and its share in the sums.
fn take_row(item: WorkItem) {
    load_pairs(item);
    let statistics = source_statistics(item);
    var sum_dz = Value(0.0);
    var sum_dz_xhat = Value(0.0);
    for (var k = 0u; k < ROOM; k++) {
        let element = element_at(item, k);
        let x_hat = masked(item.group, element, normalized(x_tile[k], statistics));
        let weight = masked(item.group, element, weights[k]);
        let bias = masked(item.group, element, biases[k]);
        let dz = select(Value(0.0), dz_of(item.group, element, dy_tile[k], x_hat, weight, bias), item.working && in_tile(item, k));
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
    for (var k = 0u; k < ROOM; k++) {
        if (item.working && in_tile(item, k)) {
            let element = element_at(item, k);
            let x = x_tile[k];
            let x_hat = masked(item.group, element, normalized(x, statistics));
            let weight = masked(item.group, element, weights[k]);
            let bias = masked(item.group, element, biases[k]);
            let dz = dz_of(item.group, element, dy_tile[k], x_hat, weight, bias);
            let group_of_element = for_element(item.group, element, group);
            let dx = dx_of(weighted(dz, weight), x, included_or_zero(item.group, element, x_hat), group_of_element);
            let ds = dx_at(item.group, element, dx);
            store_input_gradients(item.group, element, ds);
            store_output_gradients(item.group, element, dy_tile[k], x_hat, weight, bias);
            if (HAS_GATE) {
                sums_ds_residual[k] += ds * masked(item.group, element, load_residual(item.group, element));
                store_dresidual(item.group, element, ds * masked(item.group, element, gates[k]));
            }
        }
    }
}

// The k-th of the values that an invocation holds, whatever a compiler makes of a loop over k: by indices that it knows.
fn kth(values: ptr<private, array<Value, ROOM>>, k: u32) -> Value {
    var value = (*values)[0];
    for (var other = 1u; other < ROOM; other++) {
        value = select(value, (*values)[other], other == k);
    }
    return value;
}

// The sum of what all items of the workgroup have, for the lanes of the first.
fn sum_of_items(item: WorkItem, own: Value) -> Value {
    if (WORKGROUP == lanes()) {
        return own;
    }
    var all = own;
    workgroupBarrier();
    of_invocations[item.place] = own;
    workgroupBarrier();
    // No branch around the loop: Microsoft's FXC takes the barriers before it, called again, for such as not all reach.
    for (var other = select(WORKGROUP, lanes(), item.place < lanes()); other < WORKGROUP; other += SUMS_AT_ONCE * lanes()) {
        var some: array<Value, SUMS_AT_ONCE>;
        for (var next = 0u; next < SUMS_AT_ONCE; next++) {
            some[next] = of_invocations[min(item.place + other + next * lanes(), WORKGROUP - 1u)];
        }
        for (var next = 0u; next < SUMS_AT_ONCE; next++) {
            if (other + next * lanes() < WORKGROUP) {
                all += some[next];
            }
        }
    }
    return all;
}

fn run(first: WorkItem) {
    let sets = call.groups / shape.set_rows;
    // A dispatch in two dimensions may have more workgroups than the sets have: those do the last one's work again, and write nothing.
    let own_set = min(first.workgroup / shape.set_workgroups, sets - 1u);
    let of_set = first.workgroup % shape.set_workgroups;
    let items = WORKGROUP >> lane_bits();
    for (var k = 0u; k < ROOM; k++) {
        let element = element_at(first, k);
        weights[k] = weight_at(own_set * shape.set_rows, element);
        biases[k] = bias_at(own_set * shape.set_rows, element);
        gates[k] = load_gate(own_set * shape.set_rows, element);
    }
    let step = shape.set_workgroups * items;
    let rounds = (shape.set_rows + step - 1u) / step;
    for (var round = 0u; round < rounds; round++) {
        let row = of_set * items + (first.place >> lane_bits()) + round * step;
        var item = first;
        item.working = first.working && row < shape.set_rows;
        item.group = own_set * shape.set_rows + min(row, shape.set_rows - 1u);
        take_row(item);
    }
    for (var k = 0u; k < ROOM; k++) {
        let sum_dz = sum_of_items(first, kth(&sums_dz, k));
        let sum_dz_xhat = sum_of_items(first, kth(&sums_dz_xhat, k));
        let part = (of_set * sets + own_set) * shape.length + element_at(first, k);
        let writes = first.working && first.place < lanes() && in_tile(first, k);
        if (writes) {
            store_sums(SUM_DZ, part, sum_dz);
            store_sums(SUM_DZ_XHAT, part, sum_dz_xhat);
        }
        if (HAS_GATE) {
            let sum_ds_residual = sum_of_items(first, kth(&sums_ds_residual, k));
            if (writes) {
                store_sums(SUM_DS_RESIDUAL, part, sum_ds_residual);
            }
        }
    }
}
