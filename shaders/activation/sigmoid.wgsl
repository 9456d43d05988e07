// 1 / (1 + exp(-z)).

import package::vector::scalar::{Value};
import package::math::exponentials::{logistic, logistic_derivative};

fn activation(z: Value) -> Value { return logistic(z); }
fn activation_gradient(z: Value, dy: Value) -> Value { return dy * logistic_derivative(z); }
