// The statistics are of the elements only whose mask is not zero.

import package::vector::scalar::{Value, Accumulator, total};
import package::edges::aligned::{counted};
import package::reduce::invocation::{Pair, reduce_sums};
import package::tile::memory::{rounds_of, holds};
import package::walk::{Place, element_of};
import package::pass::{load_mask};

// A number of an element where it counts, else 0; and how many elements of a unit count.
fn where_counting(group: u32, element: u32, value: Value) -> Value {
    return select(Value(0.0), value, load_mask(group, element) != Value(0.0));
}

fn count_of(place: Place) -> Accumulator {
    var count = Accumulator(0.0);
    let rounds = rounds_of(place);
    for (var k = 0u; k < rounds; k++) {
        if (holds(place, k)) {
            let element = element_of(place, k);
            count += total(counted(element, where_counting(place.group, element, Value(1.0))));
        }
    }
    return reduce_sums(place, Pair(count, count)).a;
}
