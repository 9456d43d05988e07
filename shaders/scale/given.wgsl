// A scale about 1, one number at a time.

import package::pass::{load_scale};

fn scale_at(group: u32, element: u32) -> f32 { return 1.0 + load_scale(group, element); }
