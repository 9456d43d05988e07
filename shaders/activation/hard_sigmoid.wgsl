// min(max(z + 3, 0), 6) / 6, flat at -3 and 3. Where it is flat nothing goes back, whatever dy is, nor through a NaN, as of PyTorch.

import package::vector::scalar::{Value};
import package::math::relu6::{relu6};

fn activation(z: Value) -> Value { return relu6(z + 3.0) / 6.0; }
fn activation_gradient(z: Value, dy: Value) -> Value { return select(Value(0.0), dy / 6.0, (z > Value(-3.0)) & (z < Value(3.0))); }
