// There is no shift.

fn shift_at(group: u32, element: u32) -> f32 { return 0.0; }
