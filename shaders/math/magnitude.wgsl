// The largest of some magnitudes, from their mean and their largest: a NaN, which max() may pass over, is in the mean, half of
// which is no larger.

import package::vector::scalar::{Accumulator};
import package::reduce::invocation::{Pair};
import package::math::bounds::{at_least_in_all};

fn magnitude_of(rough: Pair) -> Accumulator { return at_least_in_all(rough.a * 0.5, rough.b); }
