// n / divisor for any n.

fn quotient(n: u32, divisor: u32, inv_divisor: f32) -> u32 { return n / divisor; }
