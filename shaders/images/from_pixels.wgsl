// Pixels of an image as the numbers of a tensor: resized, cropped, normalized by a mean and a deviation a channel, laid out, rounded.
//
// The first and the last word may be shared with a neighbour in the buffer, whose part stays as it is.
// Grid: one invocation a word. Traffic: each word once, each pixel as often as the filter reaches it.

import package::images::channel::{channel_of};
import package::images::image::{image};
import package::images::numbers::{word_of};
import package::images::sampled::{sampled};
import package::pass::{PER_WORD};

const WORKGROUP = 64u;

@group(0) @binding(1) var<storage, read_write> numbers: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP + local;
    let word = image.first / PER_WORD + index;
    let end = image.first + image.channels * image.size.x * image.size.y;
    let position = word * PER_WORD;
    if (position >= end) {
        return;
    }
    var pair = vec2f(0.0);
    var written = 0u;
    for (var lane = 0u; lane < PER_WORD; lane++) {
        if (position + lane >= image.first && position + lane < end) {
            pair[lane] = normalized(position + lane - image.first);
            written |= (0xffffffffu >> (32u - 32u / PER_WORD)) << (lane * 16u);
        }
    }
    numbers[word] = (word_of(pair) & written) | (numbers[word] & ~written);
}

fn normalized(element: u32) -> f32 {
    let pixels = image.size.x * image.size.y;
    let last = image.channels_last != 0u;
    let channel = select(element / pixels, element % image.channels, last);
    let pixel = select(element % pixels, element / image.channels, last);
    let at = vec2i(vec2u(pixel % image.size.x, pixel / image.size.x)) + image.crop;
    var value = image.fill;
    if (all(at >= vec2i(0)) && all(at < vec2i(image.resized))) {
        value = channel_of(sampled(vec2u(at)), channel);
    }
    return (value - image.mean[channel]) / image.deviation[channel];
}
