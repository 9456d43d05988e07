// x_hat = ((x - mean) - mean_lo) · rstd (G2).

import package::vector::scalar::{Value};
import package::math::black_box::{black_box};
import package::statistic::mean_variance::{SHIFTED};

fn x_hat_of(x: Value, mean: Value, mean_lo: Value, rstd: Value) -> Value {
    if (!SHIFTED) {
        return x * rstd;
    }
    return (black_box(x - mean) - mean_lo) * rstd;
}

// By what is under the function that x_hat is of it: here none.
fn x_hat_derivative(x: Value, mean: Value, rstd: Value) -> Value { return Value(1.0); }
