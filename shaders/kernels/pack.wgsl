// Rounds f32 numbers to halves, two a word: what kernels wrote to whose units words would not belong.
//
// The first and the last word may be shared with a neighbour in the buffer, whose half stays as it is.
// Grid: one invocation a word. Traffic: each number once as f32, once as half.

import package::walk::{locate};
import package::pass::{call, source, halves, load_halves, packed, WORKGROUP};

fn number_at(word: u32, lane: u32) -> f32 {
    let position = word * 2u + lane;
    if (position >= call.plane && position < call.plane + call.total) {
        return source[position - call.plane];
    }
    return load_halves(position);
}

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    if (place.working) {
        let word = call.part_plane + place.group;
        halves[word] = packed(vec4f(number_at(word, 0u), number_at(word, 1u), 0.0, 0.0)).x;
    }
}
