// Sixteen barriers for 256 invocations of each workgroup: nothing for a GPU, milliseconds for a CPU that pretends to be one.

@group(0) @binding(0) var<storage, read_write> results: array<u32, 16>;

var<workgroup> slots: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
    slots[local] = local;
    for (var k = 0u; k < 16u; k++) {
        workgroupBarrier();
        let neighbour = slots[(local + 1u) % 256u];
        workgroupBarrier();
        slots[local] = neighbour;
    }
    workgroupBarrier();
    if (local == 0u) {
        results[workgroup.x % 16u] = slots[0];
    }
}
