// sqrt(a² + b²) and its reciprocal for a, b >= 0, over the whole range of f32.

import package::vector::scalar::{Accumulator};
import package::math::bounds::{unless_zero_in_all};
import package::math::power_of_two::{exponent_of, scale_down, scale_up};

fn sum_of_squares(a: Accumulator, b: Accumulator, scale: Accumulator) -> Accumulator {
    return (a * scale) * (a * scale) + (b * scale) * (b * scale);
}

fn hypotenuse(a: Accumulator, b: Accumulator) -> Accumulator {
    let exponent = exponent_of(max(a, b));
    return sqrt(sum_of_squares(a, b, scale_down(exponent))) * scale_up(exponent);
}

// 0 where both are 0: a group without spread normalizes to 0.
fn inverse_hypotenuse(a: Accumulator, b: Accumulator) -> Accumulator {
    let scale = scale_down(exponent_of(max(a, b)));
    let sum = sum_of_squares(a, b, scale);
    return unless_zero_in_all(sum, inverseSqrt(sum) * scale);
}

// 0 where the divisor is 0.
fn reciprocal(divisor: Accumulator) -> Accumulator {
    return unless_zero_in_all(divisor, Accumulator(1.0) / divisor);
}
