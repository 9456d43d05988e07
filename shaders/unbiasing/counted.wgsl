// Each group has a count of its own: with fewer than LEAST_TRACKED it has no variance to track, which is unbiased where that takes two.

import package::pass::{LEAST_TRACKED};

fn is_tracked(count: f32) -> bool { return count >= f32(LEAST_TRACKED); }
fn unbiasing_of(count: f32) -> f32 { return select(1.0, count / max(count - 1.0, 1.0), LEAST_TRACKED == 2u); }
