// Statistics are of the elements whose mask is not zero.

import package::vector::scalar::{Value, Accumulator, lane_sum};
import package::tail::exact::{once};
import package::reduce::invocation::{Pair, reduce_sums};
import package::tile::memory::{iterations, in_tile};
import package::work_item::{WorkItem, load_index};
import package::pass::{load_mask};

// A number of an element that the statistics include, else 0; and how many of an item's elements they include.
fn included_or_zero(group: u32, element: u32, value: Value) -> Value {
    return select(Value(0.0), value, load_mask(group, element) != Value(0.0));
}

fn included_count(item: WorkItem) -> Accumulator {
    var count = Accumulator(0.0);
    let rounds = iterations(item);
    for (var k = 0u; k < rounds; k++) {
        if (in_tile(item, k)) {
            let element = load_index(item, k);
            count += lane_sum(once(element, included_or_zero(item.group, element, Value(1.0))));
        }
    }
    return reduce_sums(item, Pair(count, count)).a;
}
