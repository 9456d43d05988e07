// The channels of a tensor at one of its pixels, normalized by a mean and a deviation each.

import package::images::image::{image};
import package::images::sampled::{sampled};

// ITU-R 601-2, of values as they are stored.
const LUMA = vec3f(0.299, 0.587, 0.114);

// Beyond the last channel: anything.
fn channels_at(column_row: vec2u) -> vec4f {
    let at = vec2i(column_row) + image.crop;
    var values = vec4f(image.fill);
    if (all(at >= vec2i(0)) && all(at < vec2i(image.resized))) {
        values = channels_of(sampled(vec2u(at)));
    }
    return (values - image.mean) / image.deviation;
}

fn channels_of(pixel: vec4f) -> vec4f {
    let components = image.components;
    let chosen = vec4f(pixel[components.x], pixel[components.y], pixel[components.z], pixel[components.w]);
    let values = select(chosen, vec4f(dot(pixel.rgb, LUMA)), image.luma != 0u);
    return select(values, clamp(values, vec4f(0.0), vec4f(1.0)), image.bounded != 0u);
}
