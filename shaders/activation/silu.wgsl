// z / (1 + exp(-z)).

import package::vector::scalar::{Value};
import package::math::exponentials::{logistic};

fn activated(z: Value) -> Value { return z * logistic(z); }
fn activation_slope(z: Value) -> Value {
    let share = logistic(z);
    return share * (1.0 + z * (1.0 - share));
}
