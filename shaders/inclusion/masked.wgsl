// Statistics are of the elements whose mask is not zero.

import package::vector::scalar::{Value, Accumulator, lane_sum};
import package::math::bounds::{unless_zero};
import package::tail::exact::{once};
import package::reduce::invocation::{Pair, reduce_sums};
import package::tile::memory::{BLOCK, element_at, in_tile, sum_count, first_of_sum, last_of_sum};
import package::work_item::{WorkItem};
import package::pass::{load_mask};

// A number of an element that the statistics include, else 0; and how many of an item's elements they include.
fn included_or_zero(group: u32, element: u32, value: Value) -> Value {
    return unless_zero(load_mask(group, element), value);
}

fn included_count(item: WorkItem) -> Accumulator {
    var count = Accumulator(0.0);
    for (var sum = 0u; sum < sum_count(); sum++) {
        for (var first = first_of_sum(sum); first < last_of_sum(item, sum); first += BLOCK) {
            for (var k = 0u; k < BLOCK; k++) {
                let element = element_at(item, first + k);
                let one = select(Value(0.0), Value(1.0), in_tile(item, first + k));
                count += lane_sum(once(element, included_or_zero(item.group, element, one)));
            }
        }
    }
    return reduce_sums(item, Pair(count, count)).a;
}
