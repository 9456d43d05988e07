// Where a share of the mean is taken off, mean_scale (G27): from the sums of g = dz · weight of each group those by which dx is made as ever (G8), and what
// the group has of the gradient of mean_scale. With t = sum(g) - (1 - mean_scale) · mean · rstd · sum(g · x_hat), the sum over ds before the mean:
// mean_scale · t in the place of sum(g), and -mean · rstd · t.
//
// Grid: one item a group. Traffic: five numbers a group, three written.

import package::work_item::{WorkItem};
import package::math::planes::{MEAN, RSTD, SUM_DZ, SUM_DZ_XHAT, SUM_DMEAN_SCALE};
import package::pass::{load_partials, load_statistics, load_mean_scale, store_sums};

fn run(item: WorkItem) {
    if (item.working) {
        let group = item.group;
        let mean_scale = load_mean_scale(group, 0u);
        let reach = load_statistics(MEAN, group) * load_statistics(RSTD, group);
        let sum_dz_xhat = load_partials(SUM_DZ_XHAT, group);
        let sum = load_partials(SUM_DZ, group) - (1.0 - mean_scale) * reach * sum_dz_xhat;
        store_sums(SUM_DZ, group, mean_scale * sum);
        store_sums(SUM_DZ_XHAT, group, sum_dz_xhat);
        store_sums(SUM_DMEAN_SCALE, group, -reach * sum);
    }
}
