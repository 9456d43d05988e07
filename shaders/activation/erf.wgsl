// The error function, 2 / sqrt(pi) · ∫ exp(-t²) dt from 0 to z; near 0, where a difference would cancel, its power series.

import package::vector::scalar::{Value};
import package::math::bounds::{at_most};
import package::math::normal::{normal_below};

fn activation(z: Value) -> Value {
    let tail = 2.0 * normal_below(-1.4142135623730951 * abs(z));
    let far = select(Value(1.0), Value(-1.0), z < Value(0.0)) * (1.0 - tail);
    let square = z * z;
    let series = 1.0 + square * (-0.33333333 + square * (0.1 + square * (-0.023809524 + square * (0.0046296296
        + square * (-0.00075757576 + square * 0.00010683761)))));
    return select(far, 1.1283791670955126 * z * series, abs(z) < Value(0.5));
}

fn activation_gradient(z: Value, dy: Value) -> Value {
    let x = at_most(abs(z), Value(13.0));
    return dy * (1.1283791670955126 * exp(-x * x));
}
