// The hyperbolic tangent.

import package::vector::scalar::{Value};
import package::math::exponentials::{hyperbolic_tangent, logistic_slope};

fn activated(z: Value) -> Value { return hyperbolic_tangent(z); }
fn activation_slope(z: Value) -> Value { return 4.0 * logistic_slope(2.0 * z); }
