// A count of batches, one more: the largest u32 stays.

fn next_count(count: u32) -> u32 { return count + select(1u, 0u, count == 0xffffffffu); }
