// num_batches_tracked += 1.
//
// Grid: one invocation.

import package::math::next_count::{next_count};
import package::pass::{num_batches_tracked};

@compute @workgroup_size(1)
fn main() {
    num_batches_tracked[0] = next_count(num_batches_tracked[0]);
}
