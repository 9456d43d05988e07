// d sum(|x|) / dx = sign(x), 0 at 0; where eps took the norm's place (a correction of 1), 0.

import package::vector::scalar::{Value};
import package::math::group::{Group};

fn gradient_of(dy: Value, value: Value, unit: Value, group: Group) -> Value {
    return select(dy - sign(value) * group.slope, dy, group.correction == Value(1.0)) * group.scale;
}
