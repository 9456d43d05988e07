// A value the compiler cannot look through. WGSL lets it reassociate, and (x - mean) - mean_lo rewritten as
// x - (mean + mean_lo) loses exactly what mean_lo holds; and x - (x + distance) as -distance, what was lost where that
// sum was rounded to a mean. An exclusive or with a zero that arrives at run time stands in the way, for the price of
// one integer operation.

import package::vector::scalar::{Value, ValueBits, Accumulator, AccumulatorBits};
import package::pass::{call};

fn black_box(value: Value) -> Value { return bitcast<Value>(bitcast<ValueBits>(value) ^ ValueBits(call.zero)); }

fn black_box_accumulator(value: Accumulator) -> Accumulator {
    return bitcast<Accumulator>(bitcast<AccumulatorBits>(value) ^ AccumulatorBits(call.zero));
}
