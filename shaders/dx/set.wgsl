// dx is written.

import package::vector::scalar::{Value};
import package::passed::none::{passed};
import package::pass::{store_dx};

fn deposit_dx(group: u32, element: u32, value: Value) { store_dx(group, element, passed(group, element, value)); }
