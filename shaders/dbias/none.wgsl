// dbias is not wanted.

fn deposit_dbias(index: u32, value: f32) {}
