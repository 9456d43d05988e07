// Rounds f32 numbers to halves, two a word, or to numbers of 8 bits, four a word: what kernels wrote to whose items words would not belong.
//
// The first and the last word may be shared with a neighbour in the buffer, whose part stays as it is.
// Grid: one item a word. Traffic: each number once as f32, once as it is stored.

import package::work_item::{WorkItem};
import package::pass::{call, wide, halves, load_halves, packed, PER_WORD};

fn number_at(word: u32, lane: u32) -> f32 {
    let position = word * PER_WORD + lane;
    if (position >= call.element_offset && position < call.element_offset + call.group_count) {
        return wide[position - call.element_offset];
    }
    return load_halves(position);
}

fn run(item: WorkItem) {
    if (item.working) {
        let word = call.element_offset / PER_WORD + item.group;
        var numbers = vec4f(number_at(word, 0u), number_at(word, 1u), 0.0, 0.0);
        if (PER_WORD == 4u) {
            numbers.z = number_at(word, 2u);
            numbers.w = number_at(word, 3u);
        }
        halves[word] = packed(numbers);
    }
}
