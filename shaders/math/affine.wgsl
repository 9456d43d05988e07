// What a normalized element goes through: · weight + bias, then an activation.

import package::vector::scalar::{Value};
import package::weight::none::{weighted};
import package::bias::none::{biased};
import package::activation::none::{activated, activation_slope};

fn result_of(unit: Value, weight: Value, bias: Value) -> Value {
    return activated(biased(weighted(unit, weight), bias));
}

// A gradient on its way back through the activation.
fn pull_of(dy: Value, unit: Value, weight: Value, bias: Value) -> Value {
    return dy * activation_slope(biased(weighted(unit, weight), bias));
}
