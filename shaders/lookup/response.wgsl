// x_hat is x; what it is multiplied by on its way back through the norm of its channel was computed (kernels/global_response_gradient).

import package::vector::scalar::{Value};
import package::backward::group_gradient::{GroupGradient};
import package::math::planes::{SUM_DZ};
import package::pass::{load_group_sums, group_offset};

fn group_at(group: u32, element: u32) -> GroupGradient {
    let factor = Value(load_group_sums(SUM_DZ, group_offset(group, element)));
    return GroupGradient(Value(0.0), Value(0.0), Value(1.0), Value(0.0), factor);
}
