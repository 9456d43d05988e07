// d max(|x|) / dx = sign(x) at the largest magnitudes (which the mean's place holds), in equal shares where there are several; the
// correction is that share, and 0 where eps took the norm's place.

import package::vector::scalar::{Value};
import package::math::group::{Group};

fn gradient_of(dy: Value, value: Value, unit: Value, group: Group) -> Value {
    let share = select(Value(0.0), sign(value) * group.correction, abs(value) == group.mean);
    return (dy - share * group.slope) * group.scale;
}
