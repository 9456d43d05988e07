// What a normalized element goes through: · weight + bias, then an activation; before that, where the call asks for it, it is rounded
// to what x holds.

import package::vector::scalar::{Value};
import package::rounding::none::{rounded_to_x};
import package::weight::none::{weighted};
import package::bias::none::{biased};
import package::activation::none::{activated};
import package::pass::{ROUND_UNIT};

fn result_of(unit: Value, weight: Value, bias: Value) -> Value {
    if (ROUND_UNIT == 1u) {
        return activated(biased(weighted(rounded_to_x(unit), weight), bias));
    }
    return activated(biased(weighted(unit, weight), bias));
}
