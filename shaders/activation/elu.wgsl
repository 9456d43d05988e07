// z where it is positive, elsewhere alpha · (exp(z) - 1), which near 0, where the difference would cancel, is a power series.

import package::vector::scalar::{Value};
import package::pass::{call};

fn activation(z: Value) -> Value {
    let far = exp(-abs(z)) - 1.0;
    let series = 1.0 + z * (0.5 + z * (0.16666667 + z * (0.041666667 + z * (0.0083333333 + z * 0.0013888889))));
    let near = select(z * series, far, abs(z) >= Value(0.25));
    // NaN stays NaN, whatever exp makes of it.
    return select(z, call.activation_parameter * near, z <= Value(0.0));
}

fn activation_gradient(z: Value, dy: Value) -> Value {
    // 1 for NaN, whatever exp makes of it: a dy of zero, as where a loss leaves an element out, stays zero.
    return dy * select(Value(1.0), call.activation_parameter * exp(-abs(z)), z <= Value(0.0));
}
