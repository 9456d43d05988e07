// s = x + gate · residual, where a device binds too few arrays for all at once.
//
// Grid: one item a chunk. Traffic: x and residual once, their sum once.

import package::work_item::{WorkItem};
import package::tile::memory::{BLOCK, element_at, in_tile, sum_count, first_of_sum, last_of_sum};
import package::math::input_tile::{held, load_block};
import package::fusion::{masked};
import package::pass::{store_residual_out};

fn run(item: WorkItem) {
    for (var sum = 0u; sum < sum_count(); sum++) {
        let last = last_of_sum(item, sum);
        for (var first = first_of_sum(sum); first < last; first += BLOCK) {
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
