// Widens halves, two a word, to f32 numbers: for kernels that read what they write.
//
// Grid: one item a number. Traffic: each number once as half, once as f32.

import package::work_item::{WorkItem};
import package::pass::{call, wide, load_halves};

fn run(item: WorkItem) {
    if (item.working) {
        wide[item.group] = load_halves(item.group + call.element_offset);
    }
}
