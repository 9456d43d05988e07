// A gradient on its way back through what a normalized element went through: an activation of · weight + bias.

import package::vector::scalar::{Value};
import package::weight::none::{weighted};
import package::bias::none::{biased};
import package::activation::none::{activation_slope};

fn pull_of(dy: Value, unit: Value, weight: Value, bias: Value) -> Value {
    return dy * activation_slope(biased(weighted(unit, weight), bias));
}
