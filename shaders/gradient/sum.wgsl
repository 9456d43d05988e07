// d sum(x) / dx = 1; where eps took the sum's place (a correction of 1), 0.

import package::vector::scalar::{Value};
import package::math::group::{Group};

fn gradient_of(dy: Value, value: Value, unit: Value, group: Group) -> Value {
    return select(dy - group.slope, dy, group.correction == Value(1.0)) * group.scale;
}
