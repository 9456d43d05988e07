// The moments of each chunk of each group; and the sum of x and residual, where the item holds it anyway.
//
// Grid: one item a chunk, chunks · groups items. Traffic: x once (twice from a cache where it is not held in registers);
// four numbers a chunk; the sum once.

import package::work_item::{WorkItem, load_index, part_index};
import package::tile::memory::{load_tile, iterations, in_tile, tile_at};
import package::moments::corrected::{moments_of};
import package::math::planes::{MEAN, MEAN_LO, DEVIATION, COUNT};
import package::fusion::{masked};
import package::pass::{store_partials, store_residual_out, HAS_RESIDUAL_OUT};

fn run(item: WorkItem) {
    load_tile(item);
    let moments = moments_of(item);
    if (HAS_RESIDUAL_OUT) {
        let rounds = iterations(item);
        for (var k = 0u; k < rounds; k++) {
            if (in_tile(item, k)) {
                let element = load_index(item, k);
                store_residual_out(item.group, element, masked(item.group, element, tile_at(item, k)));
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
