// z / (1 + exp(-z)).

import package::vector::scalar::{Value};
import package::math::exponentials::{logistic};

fn activation(z: Value) -> Value { return z * logistic(z); }
fn activation_gradient(z: Value, dy: Value) -> Value {
    let sigmoid = logistic(z);
    return dy * (sigmoid * (1.0 + z * (1.0 - sigmoid)));
}
