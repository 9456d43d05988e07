// Mean and deviation depend on x: dz without what it has in common with the constants and with x_hat (G8, docs/gradients.md).

import package::vector::scalar::{Value};
import package::backward::group_gradient::{GroupGradient};

fn dx_of(dz: Value, x: Value, x_hat: Value, group: GroupGradient) -> Value {
    return ((dz - group.sum_dz) - x_hat * group.sum_dz_xhat) * group.rstd;
}
