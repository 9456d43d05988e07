// An image that is a texture, or was copied into one.

@group(0) @binding(2) var source: texture_2d<f32>;

fn texel(at: vec2u) -> vec4f { return textureLoad(source, at, 0); }
fn extent() -> vec2u { return textureDimensions(source); }
