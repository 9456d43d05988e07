// The triangle, 1 at 0 and 0 from 1 on.

const RADIUS = 1.0;

fn weight(distance: f32) -> f32 { return max(1.0 - distance, 0.0); }
