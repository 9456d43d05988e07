// A shift, one number at a time.

import package::pass::{load_shift};

fn shift_at(group: u32, element: u32) -> f32 { return load_shift(group, element); }
