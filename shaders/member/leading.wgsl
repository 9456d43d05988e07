// The statistics are of the first elements of each group only: partial RMSNorm.

import package::vector::scalar::{Value, Accumulator};
import package::edges::aligned::{elements_before};
import package::walk::{Place};
import package::pass::{position_of, LEADING};

// A number of an element where it counts, else 0; and how many elements of a unit count.
fn where_counting(group: u32, element: u32, value: Value) -> Value {
    return select(Value(0.0), value, position_of(group, element) < Value(f32(LEADING)));
}

fn count_of(place: Place) -> Accumulator {
    let before = min(elements_before(place.start), LEADING);
    return Accumulator(f32(min(elements_before(place.end), LEADING) - before));
}
