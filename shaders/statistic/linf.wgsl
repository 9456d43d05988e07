// x / max(max(|x|), eps).

import package::vector::scalar::{Value, Accumulator};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{DEVIATION};
import package::math::hypotenuse::{reciprocal};
import package::math::bounds::{at_least_in_all};
import package::pass::{call};

const SHIFTED = false;
const AVERAGED = false;
const MAXIMAL = true;
const COMPARED = DEVIATION;

fn term_of(x: Value) -> Value { return abs(x); }

// The deviation is the largest magnitude, the mean how many elements have it. mean_lo becomes 1 / ties for the gradient, and 0 where eps
// took the norm's place.
fn statistics_of(group: u32, moments: Moments) -> Statistics {
    let norm = moments.deviation;
    let eps = Accumulator(call.eps);
    let replaced = norm < eps;
    let inv_ties = select(Accumulator(1.0) / max(moments.mean, Accumulator(1.0)), Accumulator(0.0), replaced);
    return Statistics(Accumulator(0.0), inv_ties, reciprocal(at_least_in_all(norm, eps)));
}
