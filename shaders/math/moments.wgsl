// Moments of a set of elements. A mean is a pair, mean + mean_lo: near 1e6 one f32 is off by 3e-2,
// the pair by nothing that matters. The deviation rather than the variance, because its square may not fit.
// (Of a largest magnitude the deviation is that, and mean_lo how many elements have it.)

import package::vector::scalar::{Accumulator};
import package::math::black_box::{black_box_accumulator};

struct Moments {
    mean: Accumulator,
    mean_lo: Accumulator,
    deviation: Accumulator,
    count: Accumulator,
}

// Statistics that elements are normalized with: ((x - mean) - mean_lo) · rstd. A statistic about zero has no mean; its
// mean_lo is 1 where eps took the norm's place, so that rstd does not depend on x, and 0 elsewhere.
struct Statistics {
    mean: Accumulator,
    mean_lo: Accumulator,
    rstd: Accumulator,
}

// The same pair with the mean rounded to nearest and mean_lo what is left.
fn renormalized(moments: Moments) -> Moments {
    let mean = black_box_accumulator(moments.mean + moments.mean_lo);
    let mean_lo = black_box_accumulator(moments.mean - mean) + moments.mean_lo;
    return Moments(mean, mean_lo, moments.deviation, moments.count);
}
