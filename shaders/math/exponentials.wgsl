// Functions of exp() that never meet an infinity on the way: WGSL lets an implementation assume that there is none.

import package::vector::scalar::{Value};

// 1 / (1 + exp(-z)); in the tail as accurate, relative to itself, as near 0. Of NaN it is NaN where exp gives an infinity, too.
fn logistic(z: Value) -> Value {
    let small = exp(-abs(z));
    let below = small / (1.0 + small);
    return select(1.0 - below, below, z < Value(0.0));
}

// Its derivative, which is the same on both sides of 0.
fn logistic_derivative(z: Value) -> Value {
    let small = exp(-abs(z));
    return small / ((1.0 + small) * (1.0 + small));
}

// By exp(-2|z|); near 0, where the difference would cancel, by its power series.
fn hyperbolic_tangent(z: Value) -> Value {
    let small = exp(-2.0 * abs(z));
    let far = select(Value(1.0), Value(-1.0), z < Value(0.0)) * (1.0 - small) / (1.0 + small);
    let square = z * z;
    let near = z * (1.0 + square * (-0.33333333 + square * (0.13333333 + square * (-0.053968254 + square * 0.021869488))));
    return select(near, far, abs(z) >= Value(0.25));
}
