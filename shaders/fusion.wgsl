// What a call does besides normalizing:
//
//     s = x + gate · residual             (G1)
//     z = x_hat(s) · weight + bias        (G3)
//     y = activation(z)                   (G4)
//
// and back: dz = dy · activation'(z) (G5); docs/gradients.md derives the rest. (Scale and shift that follow weight and bias were combined with them: kernels/combine_affine.)
// An array that a call lacks costs nothing: HAS_… is known to the compiler.

import package::vector::scalar::{Value};
import package::activation::identity::{activation, activation_derivative};
import package::pass::{
    HAS_RESIDUAL, HAS_GATE, HAS_DRESIDUAL_OUT, HAS_WEIGHT, HAS_BIAS, ZERO_CENTERED_WEIGHT, ROUND_SUM, ROUND_X_HAT, MASK_OUTPUT,
    load_x, load_residual, load_gate, load_weight, load_bias, load_mask, load_dresidual_out, rounded_to_x,
};

// s, where it is stored as it is stored: its gradient starts from that.
fn input_at(group: u32, element: u32) -> Value {
    var s = load_x(group, element);
    if (HAS_GATE) {
        s = s + load_gate(group, element) * load_residual(group, element);
    } else if (HAS_RESIDUAL) {
        s = s + load_residual(group, element);
    }
    if (ROUND_SUM) {
        s = rounded_to_x(s);
    }
    return s;
}

fn weight_at(group: u32, element: u32) -> Value {
    let weight = load_weight(group, element);
    if (ZERO_CENTERED_WEIGHT) {
        return 1.0 + weight;
    }
    return weight;
}

fn bias_at(group: u32, element: u32) -> Value { return load_bias(group, element); }

fn weighted(value: Value, weight: Value) -> Value {
    if (HAS_WEIGHT) {
        return value * weight;
    }
    return value;
}

fn affine(x_hat: Value, weight: Value, bias: Value) -> Value {
    let z = weighted(x_hat, weight);
    if (HAS_BIAS) {
        return z + bias;
    }
    return z;
}

fn y_of(group: u32, element: u32, x_hat: Value, weight: Value, bias: Value) -> Value {
    var rounded = x_hat;
    if (ROUND_X_HAT) {
        rounded = rounded_to_x(x_hat);
    }
    return activation(affine(rounded, weight, bias));
}

fn dz_of(group: u32, element: u32, dy: Value, x_hat: Value, weight: Value, bias: Value) -> Value {
    return dy * activation_derivative(affine(x_hat, weight, bias));
}

// A number of an element, or 0 where the output is masked: such an element gives nothing and takes nothing, whatever is stored there (G18).
fn masked(group: u32, element: u32, value: Value) -> Value {
    if (MASK_OUTPUT) {
        return select(Value(0.0), value, load_mask(group, element) != Value(0.0));
    }
    return value;
}

// dx of an element: with the gradient that arrives at s by another way (G14), and nothing where the output is masked.
fn dx_at(group: u32, element: u32, dx: Value) -> Value {
    if (HAS_DRESIDUAL_OUT) {
        return masked(group, element, dx) + masked(group, element, load_dresidual_out(group, element));
    }
    return masked(group, element, dx);
}
