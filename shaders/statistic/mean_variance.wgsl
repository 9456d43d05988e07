// (x - mean) / sqrt(variance + eps), the variance about the mean, biased unless call.bessel_factor says otherwise. Where a share of the mean is taken
// off (HAS_MEAN_SCALE), what is left of it, `left`, is: (x - mean) + left, whose mean square is variance + left², without a difference of squares (G27).

import package::vector::scalar::{Value, Accumulator, first_lane};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN};
import package::math::hypotenuse::{hypotenuse, inverse_hypotenuse};
import package::pass::{call, load_mean_scale, HAS_MEAN_SCALE};

const SHIFTED = true;
const AVERAGED = true;
const MAXIMAL = false;
const COMPARED = MEAN;

fn term_of(x: Value) -> Value { return x; }

fn statistics_of(group: u32, moments: Moments) -> Statistics {
    let eps = Accumulator(sqrt(call.eps));
    if (HAS_MEAN_SCALE) {
        let left = (Accumulator(1.0) - first_lane(load_mean_scale(group, 0u))) * moments.mean;
        return Statistics(
            moments.mean, moments.mean_lo - left, inverse_hypotenuse(hypotenuse(moments.deviation, abs(left)), eps),
        );
    }
    return Statistics(moments.mean, moments.mean_lo, inverse_hypotenuse(moments.deviation * sqrt(call.bessel_factor), eps));
}
