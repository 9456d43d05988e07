// z · P(Z < z) for a standard normal Z, exactly: Hendrycks and Gimpel 2016.

import package::vector::scalar::{Value};
import package::math::normal::{normal_below, normal_density};

fn activation(z: Value) -> Value { return z * normal_below(z); }
fn activation_gradient(z: Value, dy: Value) -> Value { return dy * (normal_below(z) + z * normal_density(z)); }
