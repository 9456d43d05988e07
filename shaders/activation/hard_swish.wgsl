// z · min(max(z + 3, 0), 6) / 6. Up to -3 nothing goes back, whatever dy is, and from 3 on and through a NaN all of it, as of PyTorch.

import package::vector::scalar::{Value};
import package::math::relu6::{relu6};

fn activation(z: Value) -> Value { return z * (relu6(z + 3.0) / 6.0); }
fn activation_gradient(z: Value, dy: Value) -> Value {
    let rising = select(dy, dy * (z / 3.0 + 0.5), z < Value(3.0));
    return select(rising, Value(0.0), z <= Value(-3.0));
}
