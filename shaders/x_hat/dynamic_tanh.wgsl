// x_hat = tanh(alpha · x + shift): alpha in the place of rstd, shift in that of the mean (G23).

import package::vector::scalar::{Value};
import package::math::exponentials::{hyperbolic_tangent, logistic_derivative};

fn x_hat_of(x: Value, shift: Value, unused: Value, alpha: Value) -> Value {
    return hyperbolic_tangent(x * alpha + shift);
}

fn x_hat_derivative(x: Value, shift: Value, alpha: Value) -> Value {
    return 4.0 * logistic_derivative(2.0 * (x * alpha + shift));
}
