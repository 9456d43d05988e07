// y of one group, with a weight and a bias for each load, or the same for all of them.

import package::vector::scalar::{Value};
import package::work_item::{WorkItem};
import package::source::computed::{source_statistics};
import package::tile::memory::{BLOCK, element_at, in_tile, has_block, sum_count, first_of_sum, last_of_sum};
import package::math::input_tile::{held, load_tile, load_block};
import package::rotation::none::{write_y};
import package::fusion::{weight_at, bias_at};
import package::pass::{WEIGHT_VARIES};

// Loads whose weights and biases are under way at once.
const AFFINE = min(BLOCK, 4u);

fn write_output(item: WorkItem) {
    load_tile(item);
    let statistics = source_statistics(item);
    var weights: array<Value, AFFINE>;
    var biases: array<Value, AFFINE>;
    if (!WEIGHT_VARIES) {
        weights[0] = weight_at(item.group, item.first);
        biases[0] = bias_at(item.group, item.first);
    }
    for (var sum = 0u; sum < sum_count(); sum++) {
        let last = last_of_sum(item, sum);
        for (var first = first_of_sum(sum); first < last; first += BLOCK) {
            load_block(item, first);
            if (has_block(first)) {
                for (var some = 0u; some < BLOCK; some += AFFINE) {
                    for (var k = 0u; k < AFFINE; k++) {
                        let element = element_at(item, first + some + k);
                        if (WEIGHT_VARIES) {
                            weights[k] = weight_at(item.group, element);
                            biases[k] = bias_at(item.group, element);
                        } else {
                            weights[k] = weights[0];
                            biases[k] = biases[0];
                        }
                    }
                    for (var k = 0u; k < AFFINE; k++) {
                        if (item.working && in_tile(item, first + some + k)) {
                            let element = element_at(item, first + some + k);
                            write_y(item.group, element, held(first, some + k), statistics, weights[k], biases[k]);
                        }
                    }
                }
            }
        }
    }
}
