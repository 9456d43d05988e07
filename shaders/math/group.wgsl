// What the gradient of an element needs of its group. A load may reach into four groups: so all of it by lane.
//
// Level and slope are what dy has in common with the constants and with the normalized x: share · sum(dy) and
// share · sum(dy · normalized x), the share being 1 / n where a statistic is a mean, and 1 where it is a sum.

import package::vector::scalar::{Value};

struct Group {
    mean: Value,
    correction: Value,
    scale: Value,
    level: Value,
    slope: Value,
}
