// A weight for each element of a load, or one for all of them: `weight` is an array of loads or of single elements.

import package::vector::scalar::{Value};
import package::pass::{load_weight};

fn weight_at(group: u32, element: u32) -> Value { return load_weight(group, element); }
fn weighted(value: Value, factor: Value) -> Value { return value * factor; }
