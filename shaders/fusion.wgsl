// Steps of a call besides normalizing:
//
//     s = x · m(by) + inputBias + gate · residual   (G1; m(by) before)
//     z = x_hat(s) · weight + bias                  (G3)
//     u = z · m(by) + add                           (G20; m(by) after)
//     y = activation(u)                             (G4), and where there is one its rotation (G25; shaders/rotation)
//
// and back: du = dy · activation'(u), dz = du · m(by) (G5); docs/gradients.md derives the rest. (Scale and shift that follow weight and bias were combined with them: kernels/combine_affine.)
// An array that a call lacks costs nothing: HAS_… is known to the compiler.

import package::vector::scalar::{Value};
import package::math::bounds::{unless_zero};
import package::activation::identity::{activation, activation_gradient};
import package::pass::{
    HAS_RESIDUAL, HAS_INPUT_BIAS, HAS_GATE, HAS_DRESIDUAL_OUT, HAS_WEIGHT, HAS_BIAS, HAS_ADD, HAS_DADD, HAS_DBY,
    ZERO_CENTERED_WEIGHT, ROUND_SUM, ROUND_X_HAT, MASK_OUTPUT, MULTIPLY_BEFORE, MULTIPLY_AFTER,
    load_x, load_residual, load_input_bias, load_gate, load_weight, load_bias, load_mask, load_by, load_add, load_dresidual_out,
    store_dx, store_dby, store_dadd, rounded_to_x, multiplier, multiplier_gradient,
};

fn by_at(group: u32, element: u32) -> Value { return masked(group, element, load_by(group, element)); }

// x, multiplied where that comes before anything is measured.
fn x_at(group: u32, element: u32) -> Value {
    if (MULTIPLY_BEFORE) {
        return load_x(group, element) * multiplier(load_by(group, element));
    }
    return load_x(group, element);
}

// s.
fn exact_input_at(group: u32, element: u32) -> Value {
    var s = x_at(group, element);
    if (HAS_INPUT_BIAS) {
        s = s + load_input_bias(group, element);
    }
    if (HAS_GATE) {
        s = s + load_gate(group, element) * load_residual(group, element);
    } else if (HAS_RESIDUAL) {
        s = s + load_residual(group, element);
    }
    return s;
}

// The same, where it is stored as it is stored: its gradient starts from that.
fn input_at(group: u32, element: u32) -> Value {
    let s = exact_input_at(group, element);
    if (ROUND_SUM) {
        return rounded_to_x(s);
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
    return activation(u_of(group, element, affine(rounded, weight, bias)));
}

fn u_of(group: u32, element: u32, z: Value) -> Value {
    var u = z;
    if (MULTIPLY_AFTER) {
        u = u * multiplier(by_at(group, element));
    }
    if (HAS_ADD) {
        u = u + masked(group, element, load_add(group, element));
    }
    return u;
}

fn du_of(group: u32, element: u32, dy: Value, z: Value) -> Value {
    return activation_gradient(u_of(group, element, z), dy);
}

fn dz_of(group: u32, element: u32, dy: Value, x_hat: Value, weight: Value, bias: Value) -> Value {
    let du = du_of(group, element, dy, affine(x_hat, weight, bias));
    if (MULTIPLY_AFTER) {
        return du * multiplier(by_at(group, element));
    }
    return du;
}

// A number of an element, or 0 where the output is masked: such an element gives nothing and takes nothing, whatever is stored there (G18).
fn masked(group: u32, element: u32, value: Value) -> Value {
    if (MASK_OUTPUT) {
        return unless_zero(load_mask(group, element), value);
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

// Gradients that have an element for each of x, where they are wanted: dx of ds, and where x was multiplied that of its factor (G22).
fn store_input_gradients(group: u32, element: u32, ds: Value) {
    if (MULTIPLY_BEFORE) {
        let by = by_at(group, element);
        store_dx(group, element, ds * multiplier(by));
        if (HAS_DBY) {
            store_dby(group, element, multiplier_gradient(by, ds * masked(group, element, load_x(group, element))));
        }
    } else {
        store_dx(group, element, ds);
    }
}

// And those of what z was multiplied by, and of what was added to that (G21).
fn store_output_gradients(group: u32, element: u32, dy: Value, x_hat: Value, weight: Value, bias: Value) {
    if (HAS_DADD || HAS_DBY) {
        let z = affine(x_hat, weight, bias);
        let du = du_of(group, element, dy, z);
        store_dadd(group, element, du);
        if (MULTIPLY_AFTER) {
            store_dby(group, element, multiplier_gradient(by_at(group, element), du * z));
        }
    }
}
