// y of one group as whole numbers of 8 bits, each span of it by a scale: all of the group, or SPAN_LOADS loads of each of SPAN_LANES lanes,
// which are neighbours.
//
//     scale = max |y| / 127, or given       y = round(y / scale)       (storage/i8 rounds)
//
// Traffic: x once more where a span is more than the tile has at once, for the scale comes before the first number. A NaN or an infinity
// becomes the scale; what has none that f32 can hold is zero.

import package::vector::scalar::{Value, ValueBits, Accumulator, AccumulatorBits, lane_peak};
import package::work_item::{WorkItem, load_index, clamped_index, iterations};
import package::source::computed::{source_statistics};
import package::tail::exact::{once};
import package::tile::memory::{BLOCK, HOLDS_ALL, element_at, in_tile};
import package::math::input_tile::{tile, load_tile, load_block};
import package::math::moments::{Statistics};
import package::rotation::none::{y_at};
import package::reduce::invocation::{lanes, reduce_peak};
import package::fusion::{weight_at, bias_at, masked};
import package::pass::{
    call, shape, SPAN_LANES, SPAN_LOADS, SPANS_GROUP, HAS_GIVEN_SCALES, load_given_scales, store_scales, store_y, store_residual_out,
};

const LARGEST = 127.0;
// The bits of 2^-119: the scale of less would be no normal number.
const LEAST_PEAK = 0x04000000u;
// Loads of a span that are there at once.
const SPAN_BLOCK = select(min(SPAN_LOADS, BLOCK), BLOCK, SPANS_GROUP);
// Loads whose weights and biases are under way at once.
const AFFINE = min(BLOCK, 4u);

// Puts y in the place of what is normalized, 0 beyond the item. `last`: nothing reads that again, so that residualOut may go over an operand.
fn load_results(item: WorkItem, statistics: Statistics, first: u32, last: bool) {
    load_block(item, first);
    for (var some = 0u; some < BLOCK; some += AFFINE) {
        var weights: array<Value, AFFINE>;
        var biases: array<Value, AFFINE>;
        for (var k = 0u; k < AFFINE; k++) {
            let element = element_at(item, first + some + k);
            weights[k] = weight_at(item.group, element);
            biases[k] = bias_at(item.group, element);
        }
        for (var k = 0u; k < AFFINE; k++) {
            if (some + k < BLOCK) {
                let element = element_at(item, first + some + k);
                let s = tile[some + k];
                let there = in_tile(item, first + some + k);
                if (last && item.working && there) {
                    store_residual_out(item.group, element, masked(item.group, element, s));
                }
                let y = y_at(item.group, element, s, statistics, weights[k], biases[k]);
                tile[some + k] = select(Value(0.0), masked(item.group, element, y), there);
            }
        }
    }
}

// The bits of the largest magnitude of one load, or of two: a NaN's are larger than those of all numbers.
fn peak_with(peak: ValueBits, item: WorkItem, first: u32, k: u32) -> ValueBits {
    return max(peak, bitcast<ValueBits>(abs(once(element_at(item, first + k), tile[k]))));
}

fn scale_of(peak: AccumulatorBits) -> Accumulator {
    let scale = bitcast<Accumulator>(peak ^ AccumulatorBits(call.zero)) * (1.0 / LARGEST);
    return select(Accumulator(0.0), scale, peak >= AccumulatorBits(LEAST_PEAK));
}

fn inverse_of(scale: Accumulator) -> Accumulator {
    return select(Accumulator(0.0), Accumulator(1.0) / scale, scale != Accumulator(0.0));
}

// Where the scale of a lane's load lies; of a load beyond the item, that of its last.
fn scale_index(item: WorkItem, k: u32) -> u32 {
    var span = 0u;
    if (!SPANS_GROUP) {
        span = clamped_index(item, k) / (SPAN_LANES * SPAN_LOADS);
    }
    return item.group * shape.scale_group + span * shape.scale_span;
}

// Keeps the scale of the span that begins with a load, and gives what y is multiplied by.
fn keep_scale(item: WorkItem, first: u32, peak: ValueBits) -> Value {
    let scale = scale_of(reduce_peak(item, lane_peak(peak), SPAN_LANES));
    if (item.working && item.lane % SPAN_LANES == 0u && load_index(item, first) < item.end) {
        store_scales(scale_index(item, first), scale);
    }
    return Value(inverse_of(scale));
}

fn store_result(item: WorkItem, first: u32, k: u32, inverse: Value) {
    if (item.working && in_tile(item, first + k)) {
        store_y(item.group, element_at(item, first + k), tile[k] * inverse);
    }
}

fn write_by_given(item: WorkItem, statistics: Statistics, first: u32) {
    load_results(item, statistics, first, true);
    for (var k = 0u; k < BLOCK; k++) {
        store_result(item, first, k, Value(inverse_of(load_given_scales(scale_index(item, first + k)))));
    }
}

fn write_held_spans(item: WorkItem, statistics: Statistics, first: u32) {
    load_results(item, statistics, first, true);
    for (var start = 0u; start < BLOCK; start += SPAN_BLOCK) {
        var peak = ValueBits(0u);
        for (var k = start; k < min(start + SPAN_BLOCK, BLOCK); k++) {
            peak = peak_with(peak, item, first, k);
        }
        let inverse = keep_scale(item, first + start, peak);
        for (var k = start; k < min(start + SPAN_BLOCK, BLOCK); k++) {
            store_result(item, first, k, inverse);
        }
    }
}

fn write_span(item: WorkItem, statistics: Statistics, start: u32) {
    var end = iterations(item);
    if (!SPANS_GROUP) {
        end = min(end, start + SPAN_LOADS);
    }
    var peak = ValueBits(0u);
    for (var first = start; first < end; first += BLOCK) {
        load_results(item, statistics, first, false);
        for (var k = 0u; k < BLOCK; k++) {
            peak = peak_with(peak, item, first, k);
        }
    }
    let inverse = keep_scale(item, start, peak);
    for (var first = start; first < end; first += BLOCK) {
        load_results(item, statistics, first, true);
        for (var k = 0u; k < BLOCK; k++) {
            store_result(item, first, k, inverse);
        }
    }
}

// Where lanes reduce together, all go through the loads of the one that has most.
fn write_output(item: WorkItem) {
    load_tile(item);
    let statistics = source_statistics(item);
    if (HAS_GIVEN_SCALES) {
        if (HOLDS_ALL) {
            write_by_given(item, statistics, 0u);
        } else {
            for (var first = 0u; first < iterations(item); first += BLOCK) {
                write_by_given(item, statistics, first);
            }
        }
    } else if (HOLDS_ALL) {
        write_held_spans(item, statistics, 0u);
    } else if (SPANS_GROUP) {
        write_span(item, statistics, 0u);
    } else {
        for (var first = 0u; first < (shape.length + lanes() - 1u) / lanes(); first += max(SPAN_LOADS, BLOCK)) {
            if (SPAN_LOADS < BLOCK) {
                write_held_spans(item, statistics, first);
            } else {
                write_span(item, statistics, first);
            }
        }
    }
}
