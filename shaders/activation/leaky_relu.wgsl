// z where it is positive, elsewhere z times a small slope.

import package::vector::scalar::{Value};
import package::pass::{call};

fn activation(z: Value) -> Value { return activation_gradient(z, z); }
fn activation_gradient(z: Value, dy: Value) -> Value { return dy * select(Value(call.activation_parameter), Value(1.0), z > Value(0.0)); }
