// The numbers of a tensor as the pixels of a texture: value · std + mean of each channel. What the format does to them, it does.
//
// Grid: one fragment a pixel, by a triangle that covers them all. Traffic: each number once, each pixel once.

import package::images::numbers::{number_in};
import package::images::transfer::{srgb_decoded};
import package::pass::{PER_WORD};

struct Image {
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
    var color = vec4f(0.0, 0.0, 0.0, 1.0);
    for (var component = 0u; component < 4u; component++) {
        let channel = image.channels[component];
        if (channel != NONE) {
            color[component] = value_of(channel, at);
        }
    }
    if (image.premultiplied != 0u) {
        color = vec4f(color.rgb * color.a, color.a);
    }
    if (image.linear != 0u) {
        color = vec4f(srgb_decoded(color.rgb), color.a);
    }
    return color;
}

fn value_of(channel: u32, at: vec2u) -> f32 {
    let index = image.first + dot(image.strides, vec3u(channel, at.y, at.x));
    let value = number_in(numbers[index / PER_WORD], index) * image.deviation[channel] + image.mean[channel];
    if (image.bounded == 0u) {
        return value;
    }
    // What a format makes of a NaN is left open: here it is 0.
    let is_nan = (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
    return select(clamp(value, 0.0, 1.0), 0.0, is_nan);
}
