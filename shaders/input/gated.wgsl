// What is normalized is x + gate · residual.

import package::vector::scalar::{Value};
import package::math::as_summed::{as_summed};
import package::pass::{load_x, load_residual, load_gate};

fn input_at(group: u32, element: u32) -> Value {
    return as_summed(load_x(group, element) + load_gate(group, element) * load_residual(group, element));
}
