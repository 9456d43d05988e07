// n / divisor as a product, which is exact for n up to 2^21: (n + 0.5) / divisor is further from a whole number than the product is off.

fn quotient(n: u32, divisor: u32, inv_divisor: f32) -> u32 { return u32((f32(n) + 0.5) * inv_divisor); }
