// Zeros: the gradient of a parameter that no element has a share in.
//
// Grid: one item a number. Traffic: each number once.

import package::vector::scalar::{Accumulator};
import package::work_item::{WorkItem};
import package::pass::{store_dweight};

fn run(item: WorkItem) {
    if (item.working) {
        store_dweight(item.group, Accumulator(0.0));
    }
}
