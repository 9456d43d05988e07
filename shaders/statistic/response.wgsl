// Nothing is normalized: rstd is sqrt(sum(x²)), from which kernels/global_response takes what normalizes.

import package::vector::scalar::{Value, Accumulator};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN};

const SHIFTED = false;
const AVERAGED = false;
const MAXIMAL = false;
const COMPARED = MEAN;

fn term_of(x: Value) -> Value { return x; }

fn statistics_of(group: u32, moments: Moments) -> Statistics {
    return Statistics(Accumulator(0.0), Accumulator(0.0), moments.deviation * sqrt(moments.count));
}
