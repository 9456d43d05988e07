// Weight and bias of each load of a block of x and dy: loaded before the first is used, or where they do not vary the same for all.

import package::vector::scalar::{Value};
import package::work_item::{WorkItem};
import package::tile::memory::{BLOCK, element_at};
import package::backward::pair_tile::{element_in};
import package::fusion::{weight_at, bias_at};
import package::pass::{WEIGHT_VARIES};

var<private> weights: array<Value, BLOCK>;
var<private> biases: array<Value, BLOCK>;

// Before all blocks of a segment; and before each block, from its first load.
fn share_affine(item: WorkItem, segment: u32) {
    if (WEIGHT_VARIES) {
        return;
    }
    let weight = weight_at(item.group, element_in(segment, item.first));
    let bias = bias_at(item.group, element_in(segment, item.first));
    for (var k = 0u; k < BLOCK; k++) {
        weights[k] = weight;
        biases[k] = bias;
    }
}
fn load_affine(item: WorkItem, segment: u32, first: u32) {
    if (!WEIGHT_VARIES) {
        return;
    }
    for (var k = 0u; k < BLOCK; k++) {
        let element = element_in(segment, element_at(item, first + k));
        weights[k] = weight_at(item.group, element);
        biases[k] = bias_at(item.group, element);
    }
}
