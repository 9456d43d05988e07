// The numbers of one image of a call. Sizes are width and height.

struct Image {
    mean: vec4f,
    deviation: vec4f,
    // What is behind transparent pixels, where w is not 0.
    background: vec4f,
    // The component of a pixel that a channel is.
    components: vec4u,
    // Of the tensor; crop: where it begins in the resized image, which may be before that.
    size: vec2u,
    resized: vec2u,
    crop: vec2i,
    // Before the first number in what is bound of the tensor.
    first: u32,
    channels: u32,
    channels_last: u32,
    // What is outside of the image.
    fill: f32,
    // Whether the one channel is the luma; whether colours are to be divided by alpha, or encoded again as sRGB, or kept from 0 to 1.
    luma: u32,
    premultiplied: u32,
    linear: u32,
    bounded: u32,
    antialiased: u32,
}

@group(0) @binding(0) var<uniform> image: Image;
