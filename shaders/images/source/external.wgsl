// An image that is a frame of a video, imported by the app.

@group(0) @binding(2) var source: texture_external;

fn texel(at: vec2u) -> vec4f { return textureLoad(source, at); }
fn extent() -> vec2u { return textureDimensions(source); }
