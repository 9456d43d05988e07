// Each element by its weight, and by what it has in common with its channel, k, in the place of a sum (G24).

import package::vector::scalar::{Value};
import package::backward::group_gradient::{GroupGradient};

fn dx_of(dz: Value, x: Value, x_hat: Value, group: GroupGradient) -> Value {
    return dz + x * group.sum_dz_xhat;
}
