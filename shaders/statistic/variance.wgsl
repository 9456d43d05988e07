// Nothing is normalized: the scale is the biased variance itself.

import package::vector::scalar::{Value, Accumulator};
import package::math::moments::{Moments, Statistics};

const SHIFTED = true;
const AVERAGED = true;

fn measured(value: Value) -> Value { return value; }

fn statistics_of(moments: Moments) -> Statistics {
    return Statistics(moments.mean, moments.correction, moments.deviation * moments.deviation);
}
