// The sums over dy are not kept.

import package::vector::scalar::{Accumulator};

const KEEPS = false;

fn keep_sums(index: u32, level: Accumulator, slope: Accumulator) {}
