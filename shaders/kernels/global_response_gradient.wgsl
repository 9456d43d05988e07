// The factor of x on its way back through the norms of the channels, k, and the gradient of the weight by sample (G24), from r = sum(dz · x).
//
// Grid: one item a sample, shape.length channels each. Traffic: four numbers a group twice, two written.

import package::reduce::invocation::{Pair, reduce_sums};
import package::work_item::{WorkItem, iterations, load_index};
import package::math::bounds::{unless_zero_in_all};
import package::math::planes::{MEAN_LO, RSTD, SUM_DZ, SUM_DZ_XHAT};
import package::pass::{call, shape, group_offset, load_statistics, load_weight, load_dresponse, store_sums};

fn run(item: WorkItem) {
    var own = 0.0;
    for (var k = 0u; k < iterations(item); k++) {
        let channel = load_index(item, k);
        let group = group_offset(item.group, channel);
        own += load_dresponse(group) * load_weight(item.group, channel) * load_statistics(RSTD, group);
    }
    // By a number that the compiler cannot know, as in global_response.wgsl.
    let average = reduce_sums(item, Pair(own, 0.0)).a / f32(shape.length + call.zero);
    for (var k = 0u; k < iterations(item); k++) {
        let channel = load_index(item, k);
        let group = group_offset(item.group, channel);
        let divisor = load_statistics(MEAN_LO, group);
        let response = load_statistics(RSTD, group);
        let dresponse = load_dresponse(group);
        if (item.working) {
            let dnorm = (dresponse * load_weight(item.group, channel) - average) / divisor;
            store_sums(SUM_DZ, group, unless_zero_in_all(response, dnorm / (response * divisor)));
            store_sums(SUM_DZ_XHAT, group, dresponse * response);
        }
    }
}
