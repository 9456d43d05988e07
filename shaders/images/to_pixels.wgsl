// The numbers of a tensor as the pixels of a texture: value · std + mean of each channel. What the format does to them, it does.
//
// Grid: one fragment a pixel, by a triangle that covers them all. Traffic: each number once, each pixel once.

import package::images::numbers::{number_in};
import package::images::transfer::{srgb_decoded};
import package::pass::{PER_WORD};

struct Image {
    // Of the components of a pixel.
    mean: vec4f,
    deviation: vec4f,
    // The channel of the tensor that a component of a pixel is; beyond the last: 1.
    channels: vec4u,
    // Numbers of the tensor from one channel, row and column to the next.
    strides: vec3u,
    // Before the first in what is bound of the tensor.
    first: u32,
    // Whether colours are to be multiplied by alpha, decoded from sRGB because the format encodes, kept from 0 to 1.
    premultiplied: u32,
    linear: u32,
    bounded: u32,
}

@group(0) @binding(0) var<uniform> image: Image;
@group(0) @binding(1) var<storage, read> numbers: array<u32>;

const NONE = 4u;

@vertex
fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn pixel(@builtin(position) coordinates: vec4f) -> @location(0) vec4f {
    let at = vec2u(coordinates.xy);
    let channels = image.channels;
    let read = vec4f(number_at(channels.x, at), number_at(channels.y, at), number_at(channels.z, at), number_at(channels.w, at));
    var color = select(bounded(read * image.deviation + image.mean), vec4f(0.0, 0.0, 0.0, 1.0), channels == vec4u(NONE));
    if (image.premultiplied != 0u) {
        color = vec4f(color.rgb * color.a, color.a);
    }
    if (image.linear != 0u) {
        color = vec4f(srgb_decoded(color.rgb), color.a);
    }
    return color;
}

fn number_at(channel: u32, at: vec2u) -> f32 {
    if (channel == NONE) {
        return 0.0;
    }
    let index = image.first + dot(image.strides, vec3u(channel, at.y, at.x));
    return number_in(numbers[index / PER_WORD], index);
}

fn bounded(values: vec4f) -> vec4f {
    // What a format makes of a NaN is left open: here it is 0.
    let is_nan = (bitcast<vec4u>(values) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
    let kept = select(clamp(values, vec4f(0.0), vec4f(1.0)), vec4f(0.0), is_nan);
    return select(values, kept, image.bounded != 0u);
}
