// Pixels of an image as numbers of 32 bits: resized, cropped, normalized by a mean and a deviation a channel, laid out.
//
// Grid: one invocation a pixel of the tensor, workgroups are tiles. Traffic: each number once, each pixel as often as the filter reaches it.

import package::images::channels::{channels_at};
import package::images::image::{image};

@group(0) @binding(1) var<storage, read_write> numbers: array<f32>;

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) at: vec3u) {
    if (any(at.xy >= image.size)) {
        return;
    }
    let values = channels_at(at.xy);
    let last = image.channels_last != 0u;
    let pixel = at.y * image.size.x + at.x;
    let first = image.first + pixel * select(1u, image.channels, last);
    let apart = select(image.size.x * image.size.y, 1u, last);
    for (var channel = 0u; channel < image.channels; channel++) {
        numbers[first + channel * apart] = values[channel];
    }
}
