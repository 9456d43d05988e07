// (x - mean) / sqrt(variance + eps), the variance about the mean, biased unless call.bessel says otherwise.

import package::vector::scalar::{Value, Accumulator};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN};
import package::math::hypotenuse::{inverse_hypotenuse};
import package::pass::{call};

const SHIFTED = true;
const AVERAGED = true;
const MAXIMAL = false;
const COMPARED = MEAN;

fn measured(value: Value) -> Value { return value; }

fn statistics_of(moments: Moments) -> Statistics {
    let eps = Accumulator(sqrt(call.eps));
    return Statistics(moments.mean, moments.correction, inverse_hypotenuse(moments.deviation * sqrt(call.bessel), eps));
}
