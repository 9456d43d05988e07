// No activation.

import package::vector::scalar::{Value};

fn activation(z: Value) -> Value { return z; }
fn activation_derivative(z: Value) -> Value { return Value(1.0); }
