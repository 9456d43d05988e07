// Updates the running statistics of each channel by the mean of its groups' means and variances (shape.length groups a
// channel: the instances of InstanceNorm, one for BatchNorm). Groups that a mask left too little of are left out; where none is left,
// nothing changes.
//
// Grid: one item a channel. Traffic: two numbers a group.

import package::work_item::{WorkItem};
import package::math::planes::{MEAN, DEVIATION, COUNT};
import package::math::running::{is_tracked, tracked_factor, update_running};
import package::pass::{shape, load_statistics, instance_offset};

fn run(item: WorkItem) {
    var mean = 0.0;
    var variance = 0.0;
    var groups = 0.0;
    for (var instance = 0u; instance < shape.length; instance++) {
        let group = instance_offset(item.group, instance);
        let count = load_statistics(COUNT, group);
        if (is_tracked(count)) {
            let deviation = load_statistics(DEVIATION, group);
            mean += load_statistics(MEAN, group);
            variance += deviation * deviation * tracked_factor(count);
            groups += 1.0;
        }
    }
    if (item.working && groups > 0.0) {
        update_running(item.group, mean / groups, variance / groups);
    }
}
