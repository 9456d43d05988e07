// max(z, 0); the slope at 0 is 0.

import package::vector::scalar::{Value};
import package::math::bounds::{at_least};

fn activation(z: Value) -> Value { return at_least(z, Value(0.0)); }
fn activation_derivative(z: Value) -> Value { return select(Value(0.0), Value(1.0), z > Value(0.0)); }
