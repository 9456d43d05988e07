// The entry point of every kernel: which part of the work an invocation has, and then the kernel's own page.

import package::work_item::{work_item_of};
import package::kernels::normalize::{run};
import package::pass::{WORKGROUP};

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    run(work_item_of(workgroup.y * workgroups.x + workgroup.x, local));
}
