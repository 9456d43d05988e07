// Rotary embedding of neighbours, 2i and 2i + 1, which lie in one load of four (G25).

import package::vector::row::{Value};
import package::math::moments::{Statistics};
import package::math::x_hat::{normalized};
import package::math::rotary::{position_of, row_start};
import package::fusion::{y_of, masked};
import package::pass::{shape, load_dy, load_cos, load_sin, store_y, store_residual_out};

// A load with its pairs turned: forth by a direction of 1, back by -1. What is beyond the rotated elements stays.
fn turned(group: u32, element: u32, value: Value, direction: f32) -> Value {
    let position = position_of(group, element);
    let rotated = 2u * shape.rotary_pairs;
    let row = row_start(group, element);
    let index = row + select(0u, position / 2u, position < rotated);
    // The last load of an odd number of pairs has but one of them.
    let next = min(index + 1u, row + shape.rotary_pairs - 1u);
    let cos = vec2f(load_cos(index), load_cos(next)).xxyy;
    let sin = vec2f(load_sin(index), load_sin(next)).xxyy * vec4f(-direction, direction, -direction, direction);
    return select(value, value * cos + value.yxwz * sin, vec4u(position) + vec4u(0u, 1u, 2u, 3u) < vec4u(rotated));
}

// y of a load of s.
fn y_at(group: u32, element: u32, s: Value, statistics: Statistics, weight: Value, bias: Value) -> Value {
    return turned(group, element, y_of(group, element, normalized(s, statistics), weight, bias), 1.0);
}

// Writes y of a load of s, and s where it is wanted.
fn write_y(group: u32, element: u32, s: Value, statistics: Statistics, weight: Value, bias: Value) {
    store_residual_out(group, element, masked(group, element, s));
    store_y(group, element, masked(group, element, y_at(group, element, s, statistics, weight, bias)));
}

// The gradient that arrives at a load before its rotation.
fn dy_at(group: u32, element: u32) -> Value {
    return turned(group, element, masked(group, element, load_dy(group, element)), -1.0);
}
