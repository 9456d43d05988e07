// The norm of each channel divided by the mean of all channels' norms, n (G24); and weight · n, which x is multiplied by besides 1.
//
// Norms come in the plane of rstd, and n takes their place; what divides them is kept in that of mean_lo. Where that was done already (RESPONDED),
// weight · n alone is made. Grid: one item a sample, shape.length channels each. Traffic: a number a group twice, up to three written.

import package::reduce::invocation::{Pair, reduce_sums};
import package::work_item::{WorkItem, iterations, load_index};
import package::math::bounds::{unless_zero_in_all};
import package::math::planes::{MEAN, MEAN_LO, RSTD};
import package::pass::{call, shape, group_offset, load_saved, store_saved, load_statistics, load_weight, store_response, RESPONDED};

fn run(item: WorkItem) {
    var divisor = 1.0;
    if (!RESPONDED) {
        var own = 0.0;
        for (var k = 0u; k < iterations(item); k++) {
            own += load_saved(RSTD, group_offset(item.group, load_index(item, k)));
        }
        // By a number that the compiler cannot know: of a constant it would take the reciprocal, and round otherwise.
        divisor = reduce_sums(item, Pair(own, 0.0)).a / f32(shape.length + call.zero) + call.eps;
    }
    for (var k = 0u; k < iterations(item); k++) {
        let channel = load_index(item, k);
        let group = group_offset(item.group, channel);
        var response = load_statistics(RSTD, group);
        if (!RESPONDED) {
            response = unless_zero_in_all(divisor, load_saved(RSTD, group) / divisor);
        }
        if (item.working) {
            if (!RESPONDED) {
                store_saved(MEAN, group, 0.0);
                store_saved(MEAN_LO, group, divisor);
                store_saved(RSTD, group, response);
            }
            store_response(group, load_weight(item.group, channel) * response);
        }
    }
}
