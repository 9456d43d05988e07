// dbias is written.

import package::pass::{dbias};

fn deposit_dbias(index: u32, value: f32) { dbias[index] = value; }
