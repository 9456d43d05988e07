// A function of each element alone (G26): alpha is in the place of rstd, its shift in that of the mean.

import package::vector::scalar::{Value};
import package::backward::group_gradient::{GroupGradient};
import package::math::x_hat::{through_curve};

fn dx_of(dz: Value, x: Value, x_hat: Value, group: GroupGradient) -> Value {
    return through_curve(dz, x, group.mean, group.rstd) * group.rstd;
}
