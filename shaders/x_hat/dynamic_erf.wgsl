// x_hat = erf(alpha · x + shift): alpha in the place of rstd, shift in that of the mean (G23).

import package::vector::scalar::{Value};
import package::math::normal::{error_function, error_function_derivative};

fn x_hat_of(x: Value, shift: Value, unused: Value, alpha: Value) -> Value {
    return error_function(x * alpha + shift);
}

fn x_hat_derivative(x: Value, shift: Value, alpha: Value) -> Value {
    return error_function_derivative(x * alpha + shift);
}
