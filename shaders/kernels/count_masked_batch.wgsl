// num_batches_tracked += 1, where a mask leaves enough of the batch to track: of one of the LENGTH groups of a channel, and so of all channels.
//
// Grid: one invocation. Traffic: one number a group of one channel.

import package::math::planes::{COUNT, in_plane};
import package::math::next_count::{next_count};
import package::unbiasing::counted::{is_tracked};
import package::pass::{saved, num_batches_tracked, channel_offset, LENGTH};

@compute @workgroup_size(1)
fn main() {
    var tracked = false;
    for (var instance = 0u; instance < LENGTH; instance++) {
        tracked |= is_tracked(saved[in_plane(COUNT, channel_offset(0u, instance))]);
    }
    if (tracked) {
        num_batches_tracked[0] = next_count(num_batches_tracked[0]);
    }
}
