// num_batches_tracked += 1; under a mask only where it leaves enough to track of one of the shape.length groups of a channel, and so of every channel.
//
// Grid: one item. Traffic: one number; under a mask one more a group of one channel.

import package::work_item::{WorkItem};
import package::math::planes::{COUNT};
import package::math::running::{is_tracked, next_count};
import package::pass::{shape, load_statistics, load_num_batches_tracked, store_num_batches_tracked, instance_offset};

fn run(item: WorkItem) {
    var tracked = false;
    for (var instance = 0u; instance < shape.length; instance++) {
        tracked |= is_tracked(load_statistics(COUNT, instance_offset(0u, instance)));
    }
    if (item.working && tracked) {
        store_num_batches_tracked(0u, next_count(load_num_batches_tracked(0u)));
    }
}
