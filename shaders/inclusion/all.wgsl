// Statistics are of all elements.

import package::vector::scalar::{Value, Accumulator};
import package::work_item::{WorkItem, element_count};

// A number of an element that the statistics include, else 0; and how many of an item's elements they include.
fn included_or_zero(group: u32, element: u32, value: Value) -> Value { return value; }
fn included_count(item: WorkItem) -> Accumulator { return Accumulator(element_count(item)); }
