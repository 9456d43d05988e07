// A Euclidean norm depends on x (rms, l2; G9): dz without what it has in common with x_hat; where eps took the
// norm's place (mean_lo is 1), all of it.

import package::vector::scalar::{Value};
import package::backward::group_gradient::{GroupGradient};

fn dx_of(dz: Value, x: Value, x_hat: Value, group: GroupGradient) -> Value {
    return select(dz - x_hat * group.sum_dz_xhat, dz, group.mean_lo == Value(1.0)) * group.rstd;
}
