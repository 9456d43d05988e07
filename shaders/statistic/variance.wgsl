// Nothing is normalized: the scale is the biased variance itself.

import package::vector::scalar::{Value, Accumulator};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN};

const SHIFTED = true;
const AVERAGED = true;
const MAXIMAL = false;
const COMPARED = MEAN;

fn measured(value: Value) -> Value { return value; }

fn statistics_of(moments: Moments) -> Statistics {
    return Statistics(moments.mean, moments.correction, moments.deviation * moments.deviation);
}
