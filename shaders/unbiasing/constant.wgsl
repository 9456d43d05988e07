// Every group has the same count: its statistics are tracked, and what turns a biased variance into the one that is tracked is one number.

import package::pass::{call};

fn is_tracked(count: f32) -> bool { return true; }
fn unbiasing_of(count: f32) -> f32 { return call.unbiasing; }
