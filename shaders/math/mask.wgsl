// A number of an element whose mask is not zero, else 0. NaN is no zero, nor is the least number that a float has: bits are compared, for a device
// may assume that there is no NaN, and take what is near 0 for 0.

import package::vector::scalar::{Value, ValueBits};
import package::math::bounds::{MAGNITUDE};
import package::pass::{load_mask};

fn unless_masked(group: u32, element: u32, value: Value) -> Value {
    let magnitude = bitcast<ValueBits>(load_mask(group, element)) & ValueBits(MAGNITUDE);
    return select(Value(0.0), value, magnitude != ValueBits(0u));
}
