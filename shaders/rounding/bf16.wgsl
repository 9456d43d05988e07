// What is normalized is the sum as it is stored: so the gradient, which starts from that, is the gradient of what was computed.

import package::vector::scalar::{Value, narrowed, widened};
import package::storage::bf16::{packed_bf16, unpacked_bf16};

fn as_stored(value: Value) -> Value { return narrowed(unpacked_bf16(packed_bf16(widened(value)))); }
