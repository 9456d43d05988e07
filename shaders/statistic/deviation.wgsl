// Nothing is normalized: rstd is sqrt(variance + eps), what adaptive instance normalization takes from a style.

import package::vector::scalar::{Value, Accumulator};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN};
import package::math::hypotenuse::{hypotenuse};
import package::pass::{call};

const SHIFTED = true;
const AVERAGED = true;
const MAXIMAL = false;
const COMPARED = MEAN;

fn term_of(x: Value) -> Value { return x; }

fn statistics_of(group: u32, moments: Moments) -> Statistics {
    let eps = Accumulator(sqrt(call.eps));
    return Statistics(moments.mean, moments.mean_lo, hypotenuse(moments.deviation * sqrt(call.bessel_factor), eps));
}
