// No activation.

import package::vector::scalar::{Value};

fn activated(z: Value) -> Value { return z; }
fn activation_slope(z: Value) -> Value { return Value(1.0); }
