// A number as x would hold it. A zero that arrives at run time stands between packing and unpacking: one compiler takes the two for nothing.

import package::vector::scalar::{Value, narrowed, widened};
import package::storage::f16::{packed_f16, unpacked_f16};
import package::pass::{call};

fn rounded_to_x(value: Value) -> Value {
    return narrowed(unpacked_f16(packed_f16(widened(value)) ^ vec2u(call.zero)));
}
