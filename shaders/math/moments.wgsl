// What a set of elements tells about itself. (Of a largest magnitude the deviation is that, and the correction how many have it.) A mean is a pair, mean + correction: near 1e6 one f32 is off by 3e-2,
// the pair by nothing that matters. The deviation rather than the variance, because its square may not fit.

import package::vector::scalar::{Accumulator};
import package::math::opaque::{opaque_accumulator};

struct Moments {
    mean: Accumulator,
    correction: Accumulator,
    deviation: Accumulator,
    count: Accumulator,
}

// What the elements are normalized with: ((x - mean) - correction) · scale. A statistic about zero has no mean; its
// correction is 1 where eps took the norm's place, so that the scale does not depend on x, and 0 elsewhere.
struct Statistics {
    mean: Accumulator,
    correction: Accumulator,
    scale: Accumulator,
}

// The same pair with the mean rounded to nearest and the correction what is left.
fn settled(moments: Moments) -> Moments {
    let mean = opaque_accumulator(moments.mean + moments.correction);
    let correction = (moments.mean - mean) + moments.correction;
    return Moments(mean, correction, moments.deviation, moments.count);
}
