// Nothing is normalized: elements are what they are.

import package::vector::scalar::{Value};
import package::math::group::{Group};

fn group_at(unit: u32, element: u32) -> Group {
    return Group(Value(0.0), Value(0.0), Value(1.0), Value(0.0), Value(0.0));
}
