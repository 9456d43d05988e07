// The statistics do not depend on x (G13; the formulas are derived in docs/gradients.md).

import package::vector::scalar::{Value};
import package::backward::group_gradient::{GroupGradient};

fn dx_of(dz: Value, x: Value, x_hat: Value, group: GroupGradient) -> Value {
    return dz * group.rstd;
}
