// A number as x would hold it.

import package::vector::scalar::{Value, narrowed, widened};
import package::storage::bf16::{packed_bf16, unpacked_bf16};

fn rounded_to_x(value: Value) -> Value { return narrowed(unpacked_bf16(packed_bf16(widened(value)))); }
