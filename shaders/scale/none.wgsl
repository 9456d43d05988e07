// There is no scale.

fn scale_at(group: u32, element: u32) -> f32 { return 1.0; }
