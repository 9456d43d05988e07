// Counts the invocations whose place in their subgroup is not what their place in the workgroup would make it.

enable subgroups;

@group(0) @binding(0) var<storage, read_write> misplaced: atomic<u32>;

override SIZE: u32;

@compute @workgroup_size(64)
fn main(
    @builtin(local_invocation_index) local: u32,
    @builtin(subgroup_invocation_id) lane: u32,
    @builtin(subgroup_size) size: u32,
) {
    let neighbours = subgroupMax(local) - subgroupMin(local) + 1u;
    if (size != SIZE || lane != local % SIZE || neighbours != SIZE) {
        atomicAdd(&misplaced, 1u);
    }
}
