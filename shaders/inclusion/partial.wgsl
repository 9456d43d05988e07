// Statistics are of the first shape.partial elements of each group: partial RMSNorm.

import package::vector::scalar::{Value, Accumulator};
import package::tail::exact::{elements_before};
import package::work_item::{WorkItem};
import package::pass::{shape, position_from};

// A number of an element that the statistics include, else 0; and how many of an item's elements they include.
fn included_or_zero(group: u32, element: u32, value: Value) -> Value {
    return select(Value(0.0), value, position_from(shape.partial, group, element) < Value(0.0));
}

fn included_count(item: WorkItem) -> Accumulator {
    let before = min(elements_before(item.first), shape.partial);
    return Accumulator(f32(min(elements_before(item.end), shape.partial) - before));
}
