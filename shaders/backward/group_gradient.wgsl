// Numbers of a group that the gradient of an element needs, by lane, since a load may reach into four groups: its statistics, and what dz has in
// common with the constants and with x_hat. Those are inv_count · sum(dz) and inv_count · sum(dz · x_hat), where inv_count is 1 / n if the
// statistic is a mean, and 1 if it is a sum; of an unbiased variance the second is divided by n - 1.

import package::vector::scalar::{Value};
import package::math::planes::{COUNT, SUM_DZ, SUM_DZ_XHAT};
import package::inclusion::all::{included_or_zero};
import package::pass::{call, load_statistics, load_group_sums, COUNT_PER_GROUP, HAS_GROUP_SUMS};

struct GroupGradient {
    mean: Value,
    mean_lo: Value,
    rstd: Value,
    sum_dz: Value,
    sum_dz_xhat: Value,
}

// 1 / n for a group, whose mask may have left a count of its own.
fn inv_count_of(group: u32) -> Value {
    if (COUNT_PER_GROUP) {
        return Value(1.0) / max(Value(load_statistics(COUNT, group)), Value(1.0));
    }
    return Value(call.inv_count);
}

fn bessel_inv_count_of(group: u32) -> Value { return inv_count_of(group) * call.bessel_factor; }

// The sums of a group that a pass before this one left; none where they are not needed, or come later.
fn sum_dz_of(group: u32) -> Value {
    if (HAS_GROUP_SUMS) {
        return Value(load_group_sums(SUM_DZ, group)) * inv_count_of(group);
    }
    return Value(0.0);
}

fn sum_dz_xhat_of(group: u32) -> Value {
    if (HAS_GROUP_SUMS) {
        return Value(load_group_sums(SUM_DZ_XHAT, group)) * bessel_inv_count_of(group);
    }
    return Value(0.0);
}

// The same without the sums, for an element that the statistics do not include: it does not move them (G17). Not even by NaN times 0.
fn for_element(group: u32, element: u32, gradient: GroupGradient) -> GroupGradient {
    return GroupGradient(
        gradient.mean,
        gradient.mean_lo,
        gradient.rstd,
        included_or_zero(group, element, gradient.sum_dz),
        included_or_zero(group, element, gradient.sum_dz_xhat),
    );
}
