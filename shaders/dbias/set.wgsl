// dbias is written.

import package::vector::scalar::{Accumulator};
import package::pass::{store_dbias};

fn deposit_dbias(index: u32, value: Accumulator) { store_dbias(index, value); }
