// Mean and deviation depend on x: dy without what it shares with the constants and with the normalized x (`unit`).

import package::vector::scalar::{Value};
import package::math::group::{Group};

fn gradient_of(dy: Value, value: Value, unit: Value, group: Group) -> Value {
    return ((dy - group.level) - unit * group.slope) * group.scale;
}
