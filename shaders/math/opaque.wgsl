// A value the compiler cannot look through. WGSL lets it reassociate, and (x - mean) - correction rewritten as
// x - (mean + correction) loses exactly what the correction holds. An exclusive or with a zero that arrives at
// run time stands in the way, for the price of one integer operation.

import package::vector::scalar::{Value, ValueBits, Accumulator, AccumulatorBits};
import package::pass::{call};

fn opaque_value(value: Value) -> Value {
    return bitcast<Value>(bitcast<ValueBits>(value) ^ ValueBits(call.zero));
}

fn opaque_accumulator(value: Accumulator) -> Accumulator {
    return bitcast<Accumulator>(bitcast<AccumulatorBits>(value) ^ AccumulatorBits(call.zero));
}
