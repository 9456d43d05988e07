// x_hat = ((x - mean) - mean_lo) · rstd: one load of x, normalized (G2).

import package::vector::scalar::{Value};
import package::math::moments::{Statistics};
import package::math::black_box::{black_box};
import package::statistic::mean_variance::{SHIFTED};

fn x_hat_of(x: Value, mean: Value, mean_lo: Value, rstd: Value) -> Value {
    if (!SHIFTED) {
        return x * rstd;
    }
    return (black_box(x - mean) - mean_lo) * rstd;
}

fn normalized(x: Value, statistics: Statistics) -> Value {
    return x_hat_of(x, Value(statistics.mean), Value(statistics.mean_lo), Value(statistics.rstd));
}
