// (x - mean) / sqrt(variance + eps), the variance about the mean, biased unless call.bessel_factor says otherwise.

import package::vector::scalar::{Value, Accumulator};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN};
import package::math::hypotenuse::{inverse_hypotenuse};
import package::pass::{call};

const SHIFTED = true;
const AVERAGED = true;
const MAXIMAL = false;
const COMPARED = MEAN;

fn term_of(x: Value) -> Value { return x; }

fn statistics_of(moments: Moments) -> Statistics {
    let eps = Accumulator(sqrt(call.eps));
    return Statistics(moments.mean, moments.mean_lo, inverse_hypotenuse(moments.deviation * sqrt(call.bessel_factor), eps));
}
