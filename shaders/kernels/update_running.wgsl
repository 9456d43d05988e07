// Updates the running statistics of each channel by the mean of its groups' means and variances (LENGTH groups a
// channel: the instances of InstanceNorm, one for BatchNorm). Groups that a mask left too little of are left out; where none is left,
// nothing changes.
//
// Grid: one invocation a channel. Traffic: two numbers a group.

import package::walk::{locate};
import package::math::planes::{MEAN, DEVIATION, COUNT, in_plane};
import package::running::fixed::{update_running};
import package::unbiasing::constant::{is_tracked, unbiasing_of};
import package::pass::{saved, channel_offset, WORKGROUP, LENGTH};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    var mean = 0.0;
    var variance = 0.0;
    var groups = 0.0;
    for (var instance = 0u; instance < LENGTH; instance++) {
        let group = channel_offset(place.group, instance);
        let count = saved[in_plane(COUNT, group)];
        if (is_tracked(count)) {
            let deviation = saved[in_plane(DEVIATION, group)];
            mean += saved[in_plane(MEAN, group)];
            variance += deviation * deviation * unbiasing_of(count);
            groups += 1.0;
        }
    }
    if (place.working && groups > 0.0) {
        update_running(place.group, mean / groups, variance / groups);
    }
}
