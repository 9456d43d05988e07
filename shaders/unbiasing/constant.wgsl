// What turns a biased variance into the one that is tracked is the same for all groups.

import package::pass::{call};

fn unbiasing_of(count: f32) -> f32 { return call.unbiasing; }
