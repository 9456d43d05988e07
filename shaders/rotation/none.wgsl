// Nothing is rotated.

import package::vector::scalar::{Value};
import package::math::moments::{Statistics};
import package::math::x_hat::{normalized};
import package::fusion::{y_of, masked};
import package::pass::{load_dy, store_y, store_residual_out};

// y of a load of s.
fn y_at(group: u32, element: u32, s: Value, statistics: Statistics, weight: Value, bias: Value) -> Value {
    return y_of(group, element, normalized(s, statistics), weight, bias);
}

// Writes y of a load of s, and s where it is wanted.
fn write_y(group: u32, element: u32, s: Value, statistics: Statistics, weight: Value, bias: Value) {
    store_residual_out(group, element, masked(group, element, s));
    store_y(group, element, masked(group, element, y_at(group, element, s, statistics, weight, bias)));
}

// The gradient that arrives at a load of y.
fn dy_at(group: u32, element: u32) -> Value { return masked(group, element, load_dy(group, element)); }
