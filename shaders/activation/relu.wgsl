// max(z, 0); the slope at 0 is 0. A comparison rather than max(): a NaN must stay one.

import package::vector::scalar::{Value};

fn activation(z: Value) -> Value { return select(z, Value(0.0), z < Value(0.0)); }
fn activation_derivative(z: Value) -> Value { return select(Value(0.0), Value(1.0), z > Value(0.0)); }
