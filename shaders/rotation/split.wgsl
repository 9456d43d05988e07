// Rotary embedding of pairs whose two are of different loads: i and i + pairs, or neighbours that are loaded one by one (G25).

import package::vector::scalar::{Value};
import package::math::moments::{Statistics};
import package::math::x_hat::{normalized};
import package::math::rotary::{position_of, row_start};
import package::fusion::{input_at, weight_at, bias_at, y_of, masked};
import package::pass::{
    shape, load_dy, load_cos, load_sin, store_y, store_residual_out, INTERLEAVED, PAIRS_ALONG_GROUPS,
};

// How a load takes part: whether it is rotated, and has the first of its pairs; where the others are, or itself; and by which numbers of the
// tables, from an index on.
struct Turn {
    is_rotated: bool,
    is_first: bool,
    group: u32,
    element: u32,
    index: u32,
}

fn turn_of(group: u32, element: u32) -> Turn {
    let position = position_of(group, element);
    let pairs = shape.rotary_pairs;
    var is_first = position < pairs;
    var pair = position - select(pairs, 0u, is_first);
    if (INTERLEAVED) {
        is_first = position % 2u == 0u;
        pair = position / 2u;
    }
    let is_rotated = position < 2u * pairs;
    let step = select(0u, select(0u - shape.rotary_distance, shape.rotary_distance, is_first), is_rotated);
    let index = row_start(group, element) + select(0u, pair, is_rotated);
    if (PAIRS_ALONG_GROUPS) {
        return Turn(is_rotated, is_first, group + step, element, index);
    }
    return Turn(is_rotated, is_first, group, element + step, index);
}

// Lanes that are rotated, of the load that has the others.
fn other_of(turn: Turn, s: Value, statistics: Statistics) -> Value {
    let weight = weight_at(turn.group, turn.element);
    return y_of(turn.group, turn.element, normalized(s, statistics), weight, bias_at(turn.group, turn.element));
}

// y of a load of s.
fn y_at(group: u32, element: u32, s: Value, statistics: Statistics, weight: Value, bias: Value) -> Value {
    let turn = turn_of(group, element);
    let own = y_of(group, element, normalized(s, statistics), weight, bias);
    let other = other_of(turn, input_at(turn.group, turn.element), statistics);
    let sin = load_sin(turn.index);
    return select(own, own * load_cos(turn.index) + other * select(sin, -sin, turn.is_first), turn.is_rotated);
}

fn write_one(group: u32, element: u32, s: Value, y: Value) {
    store_residual_out(group, element, masked(group, element, s));
    store_y(group, element, masked(group, element, y));
}

// Writes y of a load of s, and s where it is wanted. Who has the first of a pair writes both, so that y may go over x.
fn write_y(group: u32, element: u32, s: Value, statistics: Statistics, weight: Value, bias: Value) {
    let turn = turn_of(group, element);
    if (turn.is_rotated && !turn.is_first) {
        return;
    }
    let u = y_of(group, element, normalized(s, statistics), weight, bias);
    if (!turn.is_rotated) {
        write_one(group, element, s, u);
        return;
    }
    let other = input_at(turn.group, turn.element);
    let v = other_of(turn, other, statistics);
    let cos = load_cos(turn.index);
    let sin = load_sin(turn.index);
    write_one(group, element, s, u * cos - v * sin);
    write_one(turn.group, turn.element, other, v * cos + u * sin);
}

// The gradient that arrives at a load before its rotation.
fn dy_at(group: u32, element: u32) -> Value {
    let turn = turn_of(group, element);
    let own = masked(group, element, load_dy(group, element));
    let other = masked(turn.group, turn.element, load_dy(turn.group, turn.element));
    let sin = load_sin(turn.index);
    return select(own, own * load_cos(turn.index) + other * select(-sin, sin, turn.is_first), turn.is_rotated);
}
