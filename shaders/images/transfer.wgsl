// The transfer function of sRGB (IEC 61966-2-1), from 0 to 1: what formats that end in -srgb apply when they are read and written.

fn srgb_encoded(linear: vec3f) -> vec3f {
    let curved = 1.055 * pow(max(linear, vec3f(0.0)), vec3f(1.0 / 2.4)) - 0.055;
    return select(curved, 12.92 * linear, linear <= vec3f(0.0031308));
}

fn srgb_decoded(encoded: vec3f) -> vec3f {
    let curved = pow((max(encoded, vec3f(0.0)) + 0.055) / 1.055, vec3f(2.4));
    return select(curved, encoded / 12.92, encoded <= vec3f(0.04045));
}
