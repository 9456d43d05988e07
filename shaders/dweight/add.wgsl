// dweight is added to what is there: gradients of several batches.

import package::pass::{dweight};

fn deposit_dweight(index: u32, value: f32) { dweight[index] += value; }
