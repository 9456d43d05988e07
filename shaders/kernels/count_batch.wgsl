// num_batches_tracked += 1.
//
// Grid: one invocation.

import package::pass::{num_batches_tracked};

@compute @workgroup_size(1)
fn main() {
    num_batches_tracked[0] += 1u;
}
