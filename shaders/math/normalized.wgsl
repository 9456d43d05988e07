// One load of x, normalized.

import package::vector::scalar::{Value};
import package::math::moments::{Statistics};
import package::math::opaque::{opaque_value};

fn normalized(value: Value, statistics: Statistics) -> Value {
    return (opaque_value(value - statistics.mean) - statistics.correction) * statistics.scale;
}
