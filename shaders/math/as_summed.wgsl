// The sum of x and residual that is normalized: where it is stored, as it is stored. So the gradient, which starts from that, is the
// gradient of what was computed.

import package::vector::scalar::{Value};
import package::rounding::none::{rounded_to_x};
import package::pass::{ROUND_SUM};

fn as_summed(sum: Value) -> Value {
    if (ROUND_SUM == 1u) {
        return rounded_to_x(sum);
    }
    return sum;
}
