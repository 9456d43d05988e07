// dweight is not wanted.

fn deposit_dweight(index: u32, value: f32) {}
