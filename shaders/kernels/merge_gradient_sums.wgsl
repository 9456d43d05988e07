// Merges sums over dz: shape.length parts each, wherever their map finds them, as they are or each times a weight or a scale of its own. What comes
// out are the sums of a group, or the gradients of weight and bias, or (MODULATED) those of the scale and shift that follow them (G7).
//
// Grid: one item an output. Traffic: two numbers a part, up to two an output.

import package::reduce::invocation::{Pair, reduce_sums};
import package::work_item::{WorkItem};
import package::tile::memory::{BLOCK, element_at, in_tile, sum_count, first_of_sum, last_of_sum};
import package::math::planes::{SUM_DZ, SUM_DZ_XHAT};
import package::backward::sum_times::{sum_times};
import package::backward::store_gradients::{store_gradients};
import package::fusion::{weight_at, bias_at};
import package::pass::{load_partials, load_scale, part_offset, HAS_WEIGHT, HAS_SCALE, MODULATED};

fn part_at(group: u32, element: u32) -> Pair {
    let part = part_offset(group, element);
    let sum_dz = load_partials(SUM_DZ, part);
    let sum_dz_xhat = load_partials(SUM_DZ_XHAT, part);
    if (MODULATED) {
        // dscale = sum(dz · (x_hat · weight + bias)), dshift = sum(dz).
        let weight = weight_at(group, element);
        return Pair(sum_dz, sum_times(sum_dz_xhat, weight) + sum_times(sum_dz, bias_at(group, element)));
    }
    if (HAS_WEIGHT) {
        let weight = weight_at(group, element);
        return Pair(sum_times(sum_dz, weight), sum_times(sum_dz_xhat, weight));
    }
    if (HAS_SCALE) {
        let scale = 1.0 + load_scale(group, element);
        return Pair(sum_times(sum_dz, scale), sum_times(sum_dz_xhat, scale));
    }
    return Pair(sum_dz, sum_dz_xhat);
}

fn run(item: WorkItem) {
    var all = Pair(0.0, 0.0);
    for (var sum = 0u; sum < sum_count(); sum++) {
        var some = Pair(0.0, 0.0);
        for (var first = first_of_sum(sum); first < last_of_sum(item, sum); first += BLOCK) {
            for (var k = 0u; k < BLOCK; k++) {
                let part = part_at(item.group, element_at(item, first + k));
                some.a += select(0.0, part.a, in_tile(item, first + k));
                some.b += select(0.0, part.b, in_tile(item, first + k));
            }
        }
        all.a += some.a;
        all.b += some.b;
    }
    all = reduce_sums(item, all);
    if (item.working && item.lane == 0u) {
        store_gradients(item.group, item.group, all);
    }
}
