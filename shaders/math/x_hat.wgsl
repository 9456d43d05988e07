// One load of x, normalized.

import package::vector::scalar::{Value};
import package::math::moments::{Statistics};
import package::x_hat::standardized::{x_hat_of};

fn normalized(x: Value, statistics: Statistics) -> Value {
    return x_hat_of(x, Value(statistics.mean), Value(statistics.mean_lo), Value(statistics.rstd));
}
