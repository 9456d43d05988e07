// dx is written.

import package::vector::scalar::{Value};
import package::pass::{dx};

fn deposit_dx(offset: u32, value: Value) { dx[offset] = value; }
