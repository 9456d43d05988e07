// Rounds f32 numbers to halves, two a word: what kernels wrote to whose items words would not belong.
//
// The first and the last word may be shared with a neighbour in the buffer, whose half stays as it is.
// Grid: one item a word. Traffic: each number once as f32, once as half.

import package::work_item::{WorkItem};
import package::pass::{call, wide, halves, load_halves, packed};

fn number_at(word: u32, lane: u32) -> f32 {
    let position = word * 2u + lane;
    if (position >= call.element_offset && position < call.element_offset + call.group_count) {
        return wide[position - call.element_offset];
    }
    return load_halves(position);
}

fn run(item: WorkItem) {
    if (item.working) {
        let word = call.element_offset / 2u + item.group;
        halves[word] = packed(vec4f(number_at(word, 0u), number_at(word, 1u), 0.0, 0.0)).x;
    }
}
