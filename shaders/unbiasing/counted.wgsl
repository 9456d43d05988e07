// The variance that is tracked is unbiased, each group having a count of its own.

fn unbiasing_of(count: f32) -> f32 { return count / max(count - 1.0, 1.0); }
