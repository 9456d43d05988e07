// d max(|x|) / dx = sign(x) / ties at the largest magnitude (in the place of the mean), of which there may be several (G11); mean_lo is 1 / ties,
// and 0 where eps took the norm's place.

import package::vector::scalar::{Value};
import package::backward::group_gradient::{GroupGradient};

fn dx_of(dz: Value, x: Value, x_hat: Value, group: GroupGradient) -> Value {
    let derivative = select(Value(0.0), sign(x) * group.mean_lo, abs(x) == group.mean);
    return (dz - derivative * group.sum_dz_xhat) * group.rstd;
}
