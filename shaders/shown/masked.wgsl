// Elements whose mask is zero count as zeros, as results and on the way back, whatever is stored there.

import package::vector::scalar::{Value};
import package::pass::{load_mask};

fn shown(group: u32, element: u32, value: Value) -> Value {
    return select(Value(0.0), value, load_mask(group, element) != Value(0.0));
}
