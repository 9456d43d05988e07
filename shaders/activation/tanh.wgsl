// The hyperbolic tangent.

import package::vector::scalar::{Value};
import package::math::exponentials::{hyperbolic_tangent, logistic_derivative};

fn activation(z: Value) -> Value { return hyperbolic_tangent(z); }
fn activation_derivative(z: Value) -> Value { return 4.0 * logistic_derivative(2.0 * z); }
