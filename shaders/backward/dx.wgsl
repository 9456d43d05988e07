// dx of an element from dz, by what its group has in common (G8 to G13), with the weight before that or after it.

import package::vector::scalar::{Value};
import package::inclusion::all::{included_or_zero};
import package::gradient::mean_variance::{dx_of};
import package::backward::group_gradient::{GroupGradient, for_element};
import package::backward::weight_applied::{AFTER_REDUCTION};
import package::fusion::{weighted};
import package::pass::{WEIGHT_APPLIED};

fn weighted_dx(group: u32, element: u32, dz: Value, x: Value, x_hat: Value, weight: Value, group_gradient: GroupGradient) -> Value {
    let element_gradient = for_element(group, element, group_gradient);
    let included_x_hat = included_or_zero(group, element, x_hat);
    if (WEIGHT_APPLIED == AFTER_REDUCTION) {
        return weighted(dx_of(dz, x, included_x_hat, element_gradient), weight);
    }
    return dx_of(weighted(dz, weight), x, included_x_hat, element_gradient);
}
