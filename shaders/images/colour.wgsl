// A pixel of the source as it is stored, not multiplied by alpha.

import package::images::image::{image};
import package::images::transfer::{srgb_encoded};
import package::pass::{texel};

fn colour_at(at: vec2u) -> vec4f {
    var pixel = texel(at);
    if (image.linear != 0u) {
        pixel = vec4f(srgb_encoded(pixel.rgb), pixel.a);
    }
    if (image.premultiplied != 0u && pixel.a > 0.0) {
        pixel = vec4f(pixel.rgb / pixel.a, pixel.a);
    }
    if (image.background.w != 0.0) {
        pixel = vec4f(mix(image.background.rgb, pixel.rgb, pixel.a), 1.0);
    }
    return pixel;
}
