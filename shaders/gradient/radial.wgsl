// A Euclidean norm depends on x (rms, l2): dy without what it shares with the normalized x (`unit`); where eps took the
// norm's place (a correction of 1), all of it.

import package::vector::scalar::{Value};
import package::math::group::{Group};

fn gradient_of(dy: Value, value: Value, unit: Value, group: Group) -> Value {
    return select(dy - unit * group.slope, dy, group.correction == Value(1.0)) * group.scale;
}
