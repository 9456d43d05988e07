// Pixels of an image as numbers of 16 bits, two in a word: resized, cropped, normalized by a mean and a deviation a channel, laid out, rounded.
//
// The first and the last word may be shared with a neighbour in the buffer, whose part stays as it is.
// Grid: one invocation a word. Traffic: each word once, each pixel as often as the filter reaches it, for each channel.

import package::images::channels::{channels_at};
import package::images::image::{image};
import package::images::numbers::{word_of};
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
            pair[lane] = number_of(position + lane - image.first);
            written |= 0xffffu << (lane * 16u);
        }
    }
    numbers[word] = (word_of(pair) & written) | (numbers[word] & ~written);
}

fn number_of(element: u32) -> f32 {
    let pixels = image.size.x * image.size.y;
    let last = image.channels_last != 0u;
    let channel = select(element / pixels, element % image.channels, last);
    let pixel = select(element % pixels, element / image.channels, last);
    return channels_at(vec2u(pixel % image.size.x, pixel / image.size.x))[channel];
}
