// z · t, where t = tanh(ln(1 + exp(z))).

import package::vector::scalar::{Value};
import package::math::exponentials::{logistic};

// t = a / (a + b) and 1 - t = b / (a + b), by exp(-|z|), which cannot overflow.
struct Shares {
    a: Value,
    b: Value,
}

fn shares(z: Value) -> Shares {
    let small = exp(-abs(z));
    let one = select(Value(1.0), small, z < Value(0.0));
    let other = select(small, Value(1.0), z < Value(0.0));
    return Shares(one * (one + 2.0 * other), 2.0 * other * other);
}

fn activation(z: Value) -> Value {
    let part = shares(z);
    return z * (part.a / (part.a + part.b));
}

fn activation_gradient(z: Value, dy: Value) -> Value {
    let part = shares(z);
    let t = part.a / (part.a + part.b);
    let rest = part.b / (part.a + part.b);
    return dy * (t + z * logistic(z) * rest * (1.0 + t));
}
