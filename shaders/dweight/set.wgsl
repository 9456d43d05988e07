// dweight is written.

import package::pass::{dweight};

fn deposit_dweight(index: u32, value: f32) { dweight[index] = value; }
