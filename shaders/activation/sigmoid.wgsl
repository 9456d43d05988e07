// 1 / (1 + exp(-z)).

import package::vector::scalar::{Value};
import package::math::exponentials::{logistic, logistic_slope};

fn activated(z: Value) -> Value { return logistic(z); }
fn activation_slope(z: Value) -> Value { return logistic_slope(z); }
