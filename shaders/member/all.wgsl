// The statistics are of all elements.

import package::vector::scalar::{Value, Accumulator};
import package::walk::{Place, element_count};

// A number of an element where it counts, else 0; and how many elements of a unit count.
fn where_counting(group: u32, element: u32, value: Value) -> Value { return value; }
fn count_of(place: Place) -> Accumulator { return Accumulator(element_count(place)); }
