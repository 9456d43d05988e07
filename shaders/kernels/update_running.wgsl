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

// Averages of some groups, and of those all, take in one more at a time: a sum of what f32 holds may be more than it holds. Nothing is
// subtracted, so that what is infinite stays so.
fn run(item: WorkItem) {
    var averages = vec2f();
    // No f32, which stays at 2^24.
    var groups = 0u;
    for (var sum = 0u; sum < sum_count(); sum++) {
        var of_some = vec2f();
        var some = 0u;
        for (var k = first_of_sum(sum); k < last_of_sum(item, sum); k++) {
            let group = instance_offset(item.group, k);
            let count = load_statistics(COUNT, group);
            if (is_tracked(count)) {
                let deviation = load_statistics(DEVIATION, group);
                let of_group = vec2f(load_statistics(MEAN, group), deviation * deviation * tracked_factor(count));
                some++;
                let share = 1.0 / f32(some);
                of_some = of_some * (1.0 - share) + of_group * share;
            }
        }
        groups += some;
        let share = f32(some) / f32(max(groups, 1u));
        averages = averages * (1.0 - share) + of_some * share;
    }
    if (item.working && groups > 0u) {
        update_running(item.group, averages.x, averages.y);
    }
}
