// The moments of an item's first so many loads a lane, by the corrected two-pass.
//
// Pass one: a provisional mean m, summed as distances from the first element (so that a constant group gives it
// exactly), and the largest distance. Pass two, over d = (x - m) · 2^-e with e from that distance: mean_lo = mean(d),
// variance = mean(d²) - mean_lo². However rough m is, the pair m + mean_lo is right, and nothing overflows.
// A statistic about zero has no m (SHIFTED is false), and a mean square no mean to take off (AVERAGED is false): an
// infinity then leaves the sums infinite rather than NaN.
// Numbers that are f16 by themselves (IN_RANGE) need no e, and a statistic about zero of them no pass one.
// A largest magnitude (MAXIMAL) is what pass one found, and pass two counts the elements that have it.
// Sums run in blocks: the error grows with the root of their number, not of the number of elements.


import package::vector::scalar::{Value, Accumulator, AccumulatorBits, lane_sum, lane_max, first_lane};
import package::fusion::{input_at};
import package::tail::exact::{once};
import package::inclusion::all::{included_or_zero, included_count};
import package::reduce::invocation::{Pair, reduce_sum_and_max, reduce_sums};
import package::tile::memory::{BLOCK, element_at, in_tile, has_block, sum_count, first_of_sum, last_of_sum};
import package::math::input_tile::{held, load_block};
import package::statistic::mean_variance::{SHIFTED, AVERAGED, MAXIMAL, term_of};
import package::math::power_of_two::{ONE, exponent_of, scale_down, scale_up};
import package::math::moments::{Moments};
import package::math::bounds::{at_least_in_all};
import package::math::magnitude::{magnitude_of};
import package::math::black_box::{black_box};
import package::work_item::{WorkItem};
import package::pass::{IN_RANGE, HAS_SEQUENCE_STARTS};

// A term's distance, 0 where the load is none of the item's or the statistics leave the element out.
fn distance_at(item: WorkItem, first: u32, k: u32, from_what: Accumulator) -> Value {
    let distance = select(Value(0.0), term_of(held(first, k)) - from_what, in_tile(item, first + k));
    return included_or_zero(item.group, element_at(item, first + k), distance);
}

// Pass one: the mean distance from an element, and the largest.
fn rough_distance(item: WorkItem, rounds: u32, from_what: Accumulator, inv_count: Accumulator) -> Pair {
    // A zero that no compiler knows: from a · s + b · s at the beginning Mesa's goes on to (a + b + ...) · s, which overflows.
    var mean = black_box(Value(0.0));
    var peak = Value(0.0);
    for (var sum = 0u; sum < sum_count(); sum++) {
        let last = min(last_of_sum(item, sum), rounds);
        for (var first = first_of_sum(sum); first < last; first += BLOCK) {
            load_block(item, first);
            if (has_block(first)) {
                for (var k = 0u; k < BLOCK; k++) {
                    let distance = distance_at(item, first, k, from_what);
                    mean += once(element_at(item, first + k), distance * inv_count);
                    if (!IN_RANGE) {
                        peak = max(peak, abs(distance));
                    }
                }
            }
        }
    }
    return reduce_sum_and_max(item, Pair(lane_sum(mean), lane_max(peak)));
}

// Pass two: the sums of distances from the mean and of their squares.
fn sums_about(item: WorkItem, rounds: u32, mean: Accumulator, scale: Accumulator) -> Pair {
    var all = Pair(Accumulator(0.0), Accumulator(0.0));
    for (var sum = 0u; sum < sum_count(); sum++) {
        var distances = Value(0.0);
        var squares = Value(0.0);
        let last = min(last_of_sum(item, sum), rounds);
        for (var first = first_of_sum(sum); first < last; first += BLOCK) {
            load_block(item, first);
            if (has_block(first)) {
                for (var k = 0u; k < BLOCK; k++) {
                    let distance = once(element_at(item, first + k), distance_at(item, first, k, mean) * scale);
                    distances += distance;
                    squares += distance * distance;
                }
            }
        }
        all.a += lane_sum(distances);
        all.b += lane_sum(squares);
    }
    return reduce_sums(item, all);
}

fn ties_of(item: WorkItem, rounds: u32, norm: Accumulator) -> Accumulator {
    var ties = Value(0.0);
    for (var sum = 0u; sum < sum_count(); sum++) {
        let last = min(last_of_sum(item, sum), rounds);
        for (var first = first_of_sum(sum); first < last; first += BLOCK) {
            load_block(item, first);
            for (var k = 0u; k < BLOCK; k++) {
                let element = element_at(item, first + k);
                let counted = select(Value(0.0), Value(1.0), in_tile(item, first + k));
                let tie = select(Value(0.0), counted, term_of(held(first, k)) == Value(norm));
                ties += once(element, included_or_zero(item.group, element, tie));
            }
        }
    }
    return reduce_sums(item, Pair(lane_sum(ties), Accumulator(0.0))).a;
}

fn tile_moments(item: WorkItem, rounds: u32) -> Moments {
    let count = included_count(item);
    let divisor = max(count, Accumulator(1.0));
    let inv_count = Accumulator(1.0) / divisor;

    var reference = Accumulator(0.0);
    if (SHIFTED) {
        reference = first_lane(black_box(included_or_zero(item.group, item.first, term_of(input_at(item.group, item.first)))));
        if (HAS_SEQUENCE_STARTS) {
            reference = select(Accumulator(0.0), reference, item.first < item.end);
        }
    }
    var rough = Pair(Accumulator(0.0), Accumulator(0.0));
    if (SHIFTED || !IN_RANGE) {
        rough = rough_distance(item, rounds, reference, inv_count);
    }
    if (MAXIMAL) {
        let norm = magnitude_of(rough);
        return Moments(Accumulator(0.0), ties_of(item, rounds, norm), norm, count);
    }
    var mean = Accumulator(0.0);
    if (SHIFTED) {
        mean = reference + rough.a;
    }

    let exponent = select(exponent_of(rough.b), AccumulatorBits(ONE), IN_RANGE);
    let found = sums_about(item, rounds, mean, scale_down(exponent));
    var mean_lo = Accumulator(0.0);
    if (AVERAGED) {
        mean_lo = found.a / divisor;
    }
    let variance = found.b / divisor - mean_lo * mean_lo;
    let deviation = sqrt(at_least_in_all(variance, Accumulator(0.0)));
    return Moments(mean, mean_lo * scale_up(exponent), deviation * scale_up(exponent), count);
}
