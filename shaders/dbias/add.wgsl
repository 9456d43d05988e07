// dbias is added to what is there: gradients of several batches.

import package::pass::{dbias};

fn deposit_dbias(index: u32, value: f32) { dbias[index] += value; }
