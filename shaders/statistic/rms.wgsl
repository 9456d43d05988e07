// x / sqrt(mean(x²) + eps).

import package::vector::scalar::{Value, Accumulator};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN};
import package::math::hypotenuse::{inverse_hypotenuse};
import package::pass::{call};

const SHIFTED = false;
const AVERAGED = false;
const MAXIMAL = false;
const COMPARED = MEAN;

fn term_of(x: Value) -> Value { return x; }

fn statistics_of(group: u32, moments: Moments) -> Statistics {
    let eps = Accumulator(sqrt(call.eps));
    return Statistics(Accumulator(0.0), Accumulator(0.0), inverse_hypotenuse(moments.deviation, eps));
}
