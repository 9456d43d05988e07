// Rounds f32 numbers to halves, two a word, or to numbers of 8 bits, four a word: what kernels wrote to whose items words would not belong.
//
// The first and the last word may be shared with a neighbour in the buffer, whose part stays as it is.
// Grid: one item a word. Traffic: each number once as f32, once as it is stored.

import package::work_item::{WorkItem};
import package::pass::{call, wide, halves, packed, PER_WORD};

fn run(item: WorkItem) {
    if (!item.working) {
        return;
    }
    let word = call.element_offset / PER_WORD + item.group;
    var numbers = vec4f(0.0);
    var ours = 0u;
    for (var lane = 0u; lane < PER_WORD; lane++) {
        let position = word * PER_WORD + lane;
        if (position >= call.element_offset && position < call.element_offset + call.group_count) {
            numbers[lane] = wide[position - call.element_offset];
            ours |= (0xffffffffu >> (32u - 32u / PER_WORD)) << (lane * (32u / PER_WORD));
        }
    }
    var bits = packed(numbers);
    // As bits: a neighbour need not be a number of this format.
    if (ours != 0xffffffffu) {
        bits = (bits & ours) | (halves[word] & ~ours);
    }
    halves[word] = bits;
}
