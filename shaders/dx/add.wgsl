// dx is added to what is there: gradients of several batches.

import package::vector::scalar::{Value};
import package::passed::none::{passed};
import package::pass::{load_dx, store_dx};

fn deposit_dx(group: u32, element: u32, value: Value) {
    store_dx(group, element, load_dx(group, element) + passed(group, element, value));
}
