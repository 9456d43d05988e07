// How much a pixel counts by its distance: the triangle, 1 at 0 and 0 from 1 on, or Keys' cubic of a = -1/2, 1 at 0 and 0 from 2 on.

import package::pass::{BICUBIC};

const RADIUS = select(1.0, 2.0, BICUBIC);

fn weight(distance: f32) -> f32 {
    if (!BICUBIC) {
        return max(1.0 - distance, 0.0);
    }
    if (distance < 1.0) {
        return (1.5 * distance - 2.5) * distance * distance + 1.0;
    }
    if (distance < 2.0) {
        return ((-0.5 * distance + 2.5) * distance - 4.0) * distance + 2.0;
    }
    return 0.0;
}
