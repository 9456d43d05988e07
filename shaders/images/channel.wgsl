// A channel of a tensor, of a pixel.

import package::images::image::{image};

// ITU-R 601-2, of values as they are stored.
const LUMA = vec3f(0.299, 0.587, 0.114);

fn channel_of(pixel: vec4f, channel: u32) -> f32 {
    let value = select(pixel[image.components[channel]], dot(pixel.rgb, LUMA), image.luma != 0u);
    return select(value, clamp(value, 0.0, 1.0), image.bounded != 0u);
}
