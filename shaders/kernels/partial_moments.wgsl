// The moments of each chunk of each group; and the sum of x and residual, where the item holds it anyway.
//
// Grid: one item a chunk, chunks · groups items. Traffic: x once (twice from a cache where it is not held in registers);
// four numbers a chunk; the sum once.

import package::work_item::{WorkItem, part_index};
import package::tile::memory::{BLOCK, element_at, in_tile, sum_count, first_of_sum, last_of_sum};
import package::math::input_tile::{held, load_tile, load_block};
import package::moments::corrected::{moments_of};
import package::math::planes::{MEAN, MEAN_LO, DEVIATION, COUNT};
import package::fusion::{masked};
import package::pass::{store_partials, store_residual_out, HAS_RESIDUAL_OUT};

fn run(item: WorkItem) {
    load_tile(item);
    let moments = moments_of(item);
    if (HAS_RESIDUAL_OUT) {
        for (var sum = 0u; sum < sum_count(); sum++) {
            for (var first = first_of_sum(sum); first < last_of_sum(item, sum); first += BLOCK) {
                load_block(item, first);
                for (var k = 0u; k < BLOCK; k++) {
                    if (item.working && in_tile(item, first + k)) {
                        let element = element_at(item, first + k);
                        store_residual_out(item.group, element, masked(item.group, element, held(first, k)));
                    }
                }
            }
        }
    }
    if (item.working && item.lane == 0u) {
        let part = part_index(item);
        store_partials(MEAN, part, moments.mean);
        store_partials(MEAN_LO, part, moments.mean_lo);
        store_partials(DEVIATION, part, moments.deviation);
        store_partials(COUNT, part, moments.count);
    }
}
