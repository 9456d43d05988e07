// z / (1 + exp(-z)).

import package::vector::scalar::{Value};
import package::math::exponentials::{logistic};

fn activated(z: Value) -> Value { return z * logistic(z); }
fn activation_slope(z: Value) -> Value { return logistic(z) * (1.0 + z * logistic(-z)); }
