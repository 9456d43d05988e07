// x / max(sum(|x|), eps).

import package::vector::scalar::{Value, Accumulator};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN};
import package::math::hypotenuse::{reciprocal};
import package::math::bounds::{at_least_in_all};
import package::pass::{call};

const SHIFTED = false;
const AVERAGED = true;
const MAXIMAL = false;
const COMPARED = MEAN;

fn term_of(x: Value) -> Value { return abs(x); }

// The moments come renormalized: their mean is rounded to nearest, and no infinity left a NaN in it.
fn statistics_of(group: u32, moments: Moments) -> Statistics {
    let norm = moments.mean * moments.count;
    let eps = Accumulator(call.eps);
    let replaced = norm < eps;
    let constant = select(Accumulator(0.0), Accumulator(1.0), replaced);
    return Statistics(Accumulator(0.0), constant, reciprocal(at_least_in_all(norm, eps)));
}
