// d sum(|x|) / dx = sign(x), 0 at 0 (G10); where eps took the norm's place (mean_lo is 1), 0.

import package::vector::scalar::{Value};
import package::backward::group_gradient::{GroupGradient};

fn dx_of(dz: Value, x: Value, x_hat: Value, group: GroupGradient) -> Value {
    return select(dz - sign(x) * group.sum_dz_xhat, dz, group.mean_lo == Value(1.0)) * group.rstd;
}
