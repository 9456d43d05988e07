// Nothing is normalized: the scale is sqrt(variance + eps), what adaptive instance normalization takes from a style.

import package::vector::scalar::{Value, Accumulator};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN};
import package::math::hypotenuse::{hypotenuse};
import package::pass::{call};

const SHIFTED = true;
const AVERAGED = true;
const MAXIMAL = false;
const COMPARED = MEAN;

fn measured(value: Value) -> Value { return value; }

fn statistics_of(moments: Moments) -> Statistics {
    let eps = Accumulator(sqrt(call.eps));
    return Statistics(moments.mean, moments.correction, hypotenuse(moments.deviation * sqrt(call.bessel), eps));
}
