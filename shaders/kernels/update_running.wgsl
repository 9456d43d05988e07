// Updates the running statistics of each channel by the mean of its groups' means and variances (shape.length groups a
// channel: the instances of InstanceNorm, one for BatchNorm). Groups that a mask left too little of are left out; where none is left,
// nothing changes.
//
// Grid: one item a channel. Traffic: two numbers a group.

import package::work_item::{WorkItem};
import package::math::planes::{MEAN, DEVIATION, COUNT};
import package::math::running::{is_tracked, tracked_factor, update_running};
import package::tile::memory::{sum_count, first_of_sum, last_of_sum};
import package::pass::{load_statistics, instance_offset};

fn run(item: WorkItem) {
    var mean = 0.0;
    var variance = 0.0;
    // No f32, which stays at 2^24.
    var groups = 0u;
    for (var sum = 0u; sum < sum_count(); sum++) {
        var some_means = 0.0;
        var some_variances = 0.0;
        for (var k = first_of_sum(sum); k < last_of_sum(item, sum); k++) {
            let group = instance_offset(item.group, k);
            let count = load_statistics(COUNT, group);
            if (is_tracked(count)) {
                let deviation = load_statistics(DEVIATION, group);
                some_means += load_statistics(MEAN, group);
                some_variances += deviation * deviation * tracked_factor(count);
                groups++;
            }
        }
        mean += some_means;
        variance += some_variances;
    }
    if (item.working && groups > 0u) {
        update_running(item.group, mean / f32(groups), variance / f32(groups));
    }
}
