// Pixels of the source as they are: its size is that of the image.

import package::images::colour::{colour_at};

fn sampled(at: vec2u) -> vec4f { return colour_at(at); }
