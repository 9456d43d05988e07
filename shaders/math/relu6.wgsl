// min(max(z, 0), 6), and NaN of NaN.

import package::vector::scalar::{Value};
import package::math::bounds::{at_least, at_most};

fn relu6(z: Value) -> Value { return at_most(at_least(z, Value(0.0)), Value(6.0)); }
