// s = x + gate · residual, where a device binds too few arrays for all at once.
//
// Grid: one item a chunk. Traffic: x and residual once, their sum once.

import package::work_item::{WorkItem, load_index};
import package::tile::memory::{iterations};
import package::fusion::{input_at, masked};
import package::pass::{store_residual_out};

fn run(item: WorkItem) {
    let rounds = iterations(item);
    for (var k = 0u; k < rounds; k++) {
        let element = load_index(item, k);
        store_residual_out(item.group, element, masked(item.group, element, input_at(item.group, element)));
    }
}
