// Exact scaling by powers of two, so that squares neither overflow nor vanish.

import package::vector::scalar::{Accumulator, AccumulatorBits};

// The exponent field of 1.
const ONE = 127u;

// The exponent field of a non-negative number, kept where 2^e and 2^-e are both normal.
fn exponent_of(range: Accumulator) -> AccumulatorBits {
    let field = (bitcast<AccumulatorBits>(range) >> AccumulatorBits(23u)) & AccumulatorBits(255u);
    return clamp(field, AccumulatorBits(2u), AccumulatorBits(252u));
}

// 2^-e: brings numbers of that exponent near one.
fn scale_down(exponent: AccumulatorBits) -> Accumulator {
    return bitcast<Accumulator>((AccumulatorBits(254u) - exponent) << AccumulatorBits(23u));
}

// 2^e: brings them back.
fn scale_up(exponent: AccumulatorBits) -> Accumulator {
    return bitcast<Accumulator>(exponent << AccumulatorBits(23u));
}
