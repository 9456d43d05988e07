// max(z, 0); the slope at 0 is 0. Where it is 0 nothing goes back, whatever dy is, and through a NaN all of it, as of PyTorch.

import package::vector::scalar::{Value};
import package::math::bounds::{at_least};

fn activation(z: Value) -> Value { return at_least(z, Value(0.0)); }
fn activation_gradient(z: Value, dy: Value) -> Value { return select(dy, Value(0.0), z <= Value(0.0)); }
