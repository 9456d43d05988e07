// A pixel of the resized image: where its size is that of the source, the pixel there; else Σ weight · pixel / Σ weight over what of the source
// the filter reaches; beyond its edges nothing is. Where the image becomes smaller the filter is stretched by as much (antialias), as Pillow
// and torchvision do.

import package::images::colour::{colour_at};
import package::images::filter::{RADIUS, weight};
import package::images::image::{image};
import package::pass::{FILTERED, source};

// Along one axis: the pixels that a filter reaches, from first to before end, and where its middle is: behind `pixel` by `behind`.
struct Reach {
    first: i32,
    end: i32,
    pixel: i32,
    behind: f32,
    stretch: f32,
}

// The middle, (index + 1/2) · source / resized, is taken apart exactly: far from the origin f32 would lose some of it.
fn reach_of(index: u32, resized: u32, source: u32) -> Reach {
    let halves = (2u * index + 1u) * source;
    let pixel = halves / (2u * resized);
    var reach: Reach;
    reach.pixel = i32(pixel);
    reach.behind = f32(halves - pixel * 2u * resized) / f32(2u * resized);
    reach.stretch = select(1.0, max(f32(source) / f32(resized), 1.0), image.antialiased != 0u);
    let radius = RADIUS * reach.stretch;
    reach.first = max(reach.pixel + i32(floor(reach.behind - radius + 0.5)), 0);
    reach.end = min(reach.pixel + i32(floor(reach.behind + radius + 0.5)), i32(source));
    return reach;
}

fn weight_at(reach: Reach, at: i32) -> f32 {
    return weight(abs(f32(at - reach.pixel) + 0.5 - reach.behind) / reach.stretch);
}

fn sampled(at: vec2u) -> vec4f {
    if (!FILTERED) {
        return colour_at(at);
    }
    let extent = textureDimensions(source);
    let across = reach_of(at.x, image.resized.x, extent.x);
    let down = reach_of(at.y, image.resized.y, extent.y);
    var sum = vec4f(0.0);
    var weights = 0.0;
    for (var y = down.first; y < down.end; y++) {
        let row = weight_at(down, y);
        for (var x = across.first; x < across.end; x++) {
            let both = row * weight_at(across, x);
            sum += both * colour_at(vec2u(vec2i(x, y)));
            weights += both;
        }
    }
    return sum / weights;
}
