// The hyperbolic tangent.

import package::vector::scalar::{Value};
import package::math::exponentials::{hyperbolic_tangent, logistic_derivative};

fn activation(z: Value) -> Value { return hyperbolic_tangent(z); }
fn activation_gradient(z: Value, dy: Value) -> Value { return dy * (4.0 * logistic_derivative(2.0 * z)); }
