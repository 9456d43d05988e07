// One load of x, normalized.

import package::vector::scalar::{Value};
import package::math::moments::{Statistics};
import package::math::opaque::{opaque_value};
import package::statistic::mean_variance::{SHIFTED};

fn normalized(value: Value, statistics: Statistics) -> Value {
    return normalized_by(value, Value(statistics.mean), Value(statistics.correction), Value(statistics.scale));
}

fn normalized_by(value: Value, mean: Value, correction: Value, scale: Value) -> Value {
    if (!SHIFTED) {
        return value * scale;
    }
    return (opaque_value(value - mean) - correction) * scale;
}
