// y = normalize(x) · weight + bias.
//
// Where its statistics are measured, one unit sees its whole group; where they are known, a chunk of one.
// Grid: one unit a group (a row, four columns, or four rows) or a chunk of it. Traffic: x once where the unit holds it in
// registers or its statistics are known, else twice, the second time mostly from a cache; y once; weight and bias once an
// element of y, once for four rows, or once a cell of a group (output/).

import package::walk::{locate};
import package::output::elements::{write_output};
import package::pass::{WORKGROUP};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    write_output(locate(workgroup, workgroups, local));
}
