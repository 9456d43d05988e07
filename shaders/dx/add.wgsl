// dx is added to what is there: gradients of several batches.

import package::vector::scalar::{Value};
import package::pass::{dx};

fn deposit_dx(offset: u32, value: Value) { dx[offset] += value; }
