// A weight that is stored without the 1 it is about: zero-centred weights, and the scale of a modulation.

import package::vector::scalar::{Value};
import package::pass::{load_weight};

fn weight_at(group: u32, element: u32) -> Value { return 1.0 + load_weight(group, element); }
fn weighted(value: Value, factor: Value) -> Value { return value * factor; }
