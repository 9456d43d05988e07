// The largest of some magnitudes, from their mean and their largest: a NaN, which max() may pass over, is in the mean.

import package::vector::scalar::{Accumulator};
import package::reduce::invocation::{Pair};

fn magnitude_of(rough: Pair) -> Accumulator { return select(rough.a, rough.b, rough.a * 0.5 <= rough.b); }
