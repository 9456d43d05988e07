// n / divisor. The product is exact for n up to 2^21, (n + 0.5) / divisor being further from a whole number than the product is off; beyond
// that, and where the compiler knows the divisor, n is divided.

import package::pass::{BY_RECIPROCAL};

fn quotient(n: u32, divisor: u32, inv_divisor: f32) -> u32 {
    if (BY_RECIPROCAL) {
        return u32((f32(n) + 0.5) * inv_divisor);
    }
    return n / divisor;
}
