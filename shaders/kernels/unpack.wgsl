// Widens halves, two a word, to f32 numbers: for kernels that read what they write.
//
// Grid: one invocation a number. Traffic: each number once as half, once as f32.

import package::walk::{locate};
import package::pass::{call, source, load_halves, WORKGROUP};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    if (place.working) {
        source[place.group] = load_halves(place.group + call.plane);
    }
}
