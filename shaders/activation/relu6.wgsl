// min(max(z, 0), 6), flat at 0 and 6. Where it is flat nothing goes back, whatever dy is, and through a NaN all of it, as of PyTorch.

import package::vector::scalar::{Value};
import package::math::relu6::{relu6};

fn activation(z: Value) -> Value { return relu6(z); }
fn activation_gradient(z: Value, dy: Value) -> Value { return select(dy, Value(0.0), (z <= Value(0.0)) | (z >= Value(6.0))); }
