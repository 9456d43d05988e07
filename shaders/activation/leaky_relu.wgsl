// z where it is positive, elsewhere z times a small slope.

import package::vector::scalar::{Value};
import package::pass::{call};

fn activation(z: Value) -> Value { return z * activation_derivative(z); }
fn activation_derivative(z: Value) -> Value { return select(Value(call.activation_parameter), Value(1.0), z > Value(0.0)); }
