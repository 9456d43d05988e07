// A sum over dz times a weight. Where outputs are masked, all that a sum is of may be padding, and its weight then whatever padding holds:
// such a sum is 0 and stays 0.

import package::vector::scalar::{Accumulator};
import package::pass::{MASK_OUTPUT};

fn sum_times(sum: Accumulator, factor: Accumulator) -> Accumulator {
    if (!MASK_OUTPUT) {
        return sum * factor;
    }
    return select(sum * factor, Accumulator(0.0), sum == Accumulator(0.0));
}
