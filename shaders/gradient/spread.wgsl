// The gradient of what was measured rather than normalized (the style of AdaIN): level is that of its mean, slope that of
// its deviation sqrt(variance + eps), which the group's scale is. dy is not looked at.

import package::vector::scalar::{Value};
import package::math::group::{Group};
import package::math::opaque::{opaque_value};

fn gradient_of(dy: Value, value: Value, unit: Value, group: Group) -> Value {
    let distance = opaque_value(value - group.mean) - group.correction;
    let unit_of_spread = select(distance / group.scale, Value(0.0), group.scale == Value(0.0));
    return group.level + unit_of_spread * group.slope;
}
