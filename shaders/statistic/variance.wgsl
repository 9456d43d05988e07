// Nothing is normalized: rstd is the biased variance itself.

import package::vector::scalar::{Value};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN};

const SHIFTED = true;
const AVERAGED = true;
const MAXIMAL = false;
const COMPARED = MEAN;

fn term_of(x: Value) -> Value { return x; }

fn statistics_of(group: u32, moments: Moments) -> Statistics {
    return Statistics(moments.mean, moments.mean_lo, moments.deviation * moments.deviation);
}
