// The gradient of the style of AdaIN, of which mean and deviation were taken (G16): sum_dz is that of the mean, sum_dz_xhat that of the deviation
// sqrt(variance + eps), which the group has in the place of rstd. dz is not looked at.

import package::vector::scalar::{Value};
import package::backward::group_gradient::{GroupGradient};
import package::math::black_box::{black_box};

fn dx_of(dz: Value, x: Value, x_hat: Value, group: GroupGradient) -> Value {
    let distance = black_box(x - group.mean) - group.mean_lo;
    let style_hat = select(distance / group.rstd, Value(0.0), group.rstd == Value(0.0));
    return group.sum_dz + style_hat * group.sum_dz_xhat;
}
