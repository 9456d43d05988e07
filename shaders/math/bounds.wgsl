// What is asked of a number's bits, as a compiler may take no number for NaN. max() and min() by which a NaN stays one: those of WGSL may pass it
// over, and a comparison with a selection is no way out, for a compiler takes the two for them. So bits are compared, which a zero that arrives at
// run time keeps it from taking for a number's.

import package::vector::scalar::{Value, ValueBits, Accumulator, AccumulatorBits};
import package::pass::{call};

const MAGNITUDE = 0x7fffffffu;
const INFINITE = 0x7f800000u;

fn at_least(value: Value, least: Value) -> Value {
    let magnitude = (bitcast<ValueBits>(value) ^ ValueBits(call.zero)) & ValueBits(MAGNITUDE);
    return select(max(value, least), value, magnitude > ValueBits(INFINITE));
}

fn at_most(value: Value, most: Value) -> Value {
    let magnitude = (bitcast<ValueBits>(value) ^ ValueBits(call.zero)) & ValueBits(MAGNITUDE);
    return select(min(value, most), value, magnitude > ValueBits(INFINITE));
}

fn at_least_in_all(value: Accumulator, least: Accumulator) -> Accumulator {
    let magnitude = (bitcast<AccumulatorBits>(value) ^ AccumulatorBits(call.zero)) & AccumulatorBits(MAGNITUDE);
    return select(max(value, least), value, magnitude > AccumulatorBits(INFINITE));
}

// A value, or 0 where a number is one. NaN is none, nor is the least that a float has: a device may take what is near 0 for 0.
fn unless_zero(number: Value, value: Value) -> Value {
    return select(Value(0.0), value, (bitcast<ValueBits>(number) & ValueBits(MAGNITUDE)) != ValueBits(0u));
}

// The same where what a device takes for 0 is 0.
fn unless_zero_in_all(number: Accumulator, value: Accumulator) -> Accumulator {
    let magnitude = (bitcast<AccumulatorBits>(number) ^ AccumulatorBits(call.zero)) & AccumulatorBits(MAGNITUDE);
    return select(select(value, Accumulator(0.0), number == Accumulator(0.0)), value, magnitude > AccumulatorBits(INFINITE));
}
