// Counts the invocations whose neighbours are not where they are expected: SIZE neighbours of a workgroup, from a multiple of SIZE on, are to be
// neighbours in a subgroup, in the same order.

enable subgroups;

@group(0) @binding(0) var<storage, read_write> misplaced: atomic<u32>;

override SIZE: u32;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) local: u32) {
    var wrong = 0u;
    for (var mask = 1u; mask < SIZE; mask *= 2u) {
        wrong |= subgroupShuffleXor(local, mask) ^ local ^ mask;
    }
    if (wrong != 0u) {
        atomicAdd(&misplaced, 1u);
    }
}
