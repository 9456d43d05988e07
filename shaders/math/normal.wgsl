// The normal distribution.

import package::vector::scalar::{Value};
import package::math::bounds::{at_most};

// Beyond 13 roots of two the tail and the density are below the smallest f32.
fn root_halves(z: Value) -> Value {
    return at_most(abs(z) * 0.7071067811865476, Value(13.0));
}

// exp(-z² / 2) / sqrt(2 pi).
fn normal_density(z: Value) -> Value {
    let x = root_halves(z);
    return 0.3989422804014327 * exp(-x * x);
}

// P(Z < z) = erfc(-z / sqrt(2)) / 2, by the Chebyshev fit of Numerical Recipes (erfcc): within 1.2e-7 of itself, in the tail too.
fn normal_below(z: Value) -> Value {
    let x = root_halves(z);
    let t = 1.0 / (1.0 + 0.5 * x);
    let fit = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806
        + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
    let tail = 0.5 * t * exp(fit - x * x);
    return select(tail, 1.0 - tail, z > Value(0.0));
}
