// GELU approximated: z · (1 + tanh(u)) / 2 with u = sqrt(2 / pi) · (z + 0.044715 · z³), which is z · logistic(2u).

import package::vector::scalar::{Value};
import package::math::exponentials::{logistic, logistic_derivative};

const TWICE_ROOT = 1.5957691216057308;

fn twice_inner(z: Value) -> Value { return TWICE_ROOT * (z + 0.044715 * z * z * z); }

fn activation(z: Value) -> Value { return z * logistic(twice_inner(z)); }
fn activation_gradient(z: Value, dy: Value) -> Value {
    let u = twice_inner(z);
    // Beyond 16 the second term is nothing, and its cube might overflow; of an infinity it is NaN, as that of other smooth activations.
    let near = clamp(z, Value(-16.0), Value(16.0));
    return dy * (logistic(u) + z * logistic_derivative(u) * TWICE_ROOT * (1.0 + 0.134145 * near * near));
}
