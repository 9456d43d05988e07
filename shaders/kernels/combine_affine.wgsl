// (x_hat · weight + bias) · (1 + scale) + shift as one weight and one bias: x_hat · combined_weight + combined_bias (G3).
//
// Grid: one item for each combination of the axes that any of the four varies along. Traffic: up to four numbers each, two written.

import package::work_item::{WorkItem};
import package::fusion::{weight_at, bias_at};
import package::pass::{load_scale, load_shift, store_combined_weight, store_combined_bias};

fn run(item: WorkItem) {
    if (item.working) {
        let scale = 1.0 + load_scale(item.group, 0u);
        store_combined_weight(item.group, weight_at(item.group, 0u) * scale);
        store_combined_bias(item.group, bias_at(item.group, 0u) * scale + load_shift(item.group, 0u));
    }
}
