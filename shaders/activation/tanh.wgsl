// The hyperbolic tangent.

import package::vector::scalar::{Value};
import package::math::exponentials::{hyperbolic_tangent, logistic};

fn activated(z: Value) -> Value { return hyperbolic_tangent(z); }
fn activation_slope(z: Value) -> Value { return 4.0 * logistic(2.0 * z) * logistic(-2.0 * z); }
