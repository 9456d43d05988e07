// x_hat = ((x - mean) - mean_lo) · rstd: one load of x, normalized (G2). Where nothing is measured (POINTWISE), x_hat = curve(alpha · x + shift), alpha
// being in the place of rstd and its shift in that of the mean (G26).

import package::vector::scalar::{Value};
import package::math::moments::{Statistics};
import package::math::black_box::{black_box};
import package::statistic::mean_variance::{SHIFTED};
import package::pass::{POINTWISE, curve, curve_gradient};

fn x_hat_of(x: Value, mean: Value, mean_lo: Value, rstd: Value) -> Value {
    if (POINTWISE) {
        return curve(x * rstd + mean);
    }
    if (!SHIFTED) {
        return x * rstd;
    }
    return (black_box(x - mean) - mean_lo) * rstd;
}

fn normalized(x: Value, statistics: Statistics) -> Value {
    return x_hat_of(x, Value(statistics.mean), Value(statistics.mean_lo), Value(statistics.rstd));
}

// What arrives at x_hat, as it arrives at what the curve is taken of.
fn through_curve(dx_hat: Value, x: Value, mean: Value, rstd: Value) -> Value { return curve_gradient(x * rstd + mean, dx_hat); }
