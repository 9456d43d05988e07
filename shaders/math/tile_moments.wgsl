// The moments of an item's first so many loads a lane, by the corrected two-pass.
//
// Pass one: a provisional mean m, summed as distances from the first element (so that a constant group gives it
// exactly), and the largest distance. Pass two, over d = (x - m) · 2^-e with e from that distance: mean_lo = mean(d),
// variance = mean(d²) - mean_lo². However rough m is, the pair m + mean_lo is right, and nothing overflows.
// A statistic about zero has no m (SHIFTED is false), and a mean square no mean to take off (AVERAGED is false): an
// infinity then leaves the sums infinite rather than NaN.
// A largest magnitude (MAXIMAL) is what pass one found, and pass two counts the elements that have it.
// Sums run in blocks: the error grows with the root of their number, not of the number of elements.

import package::vector::scalar::{Value, Accumulator, lane_sum, lane_max, first_lane};
import package::fusion::{input_at};
import package::tail::exact::{once};
import package::inclusion::all::{included_or_zero, included_count};
import package::reduce::invocation::{Pair, reduce_sum_and_max, reduce_sums};
import package::tile::memory::{in_tile, tile_at, blocks, block_length};
import package::statistic::mean_variance::{SHIFTED, AVERAGED, MAXIMAL, term_of};
import package::math::power_of_two::{exponent_of, scale_down, scale_up};
import package::math::moments::{Moments};
import package::math::magnitude::{magnitude_of};
import package::work_item::{WorkItem, load_index};

fn ties_of(item: WorkItem, rounds: u32, norm: Accumulator) -> Accumulator {
    var ties = Value(0.0);
    for (var k = 0u; k < rounds; k++) {
        if (in_tile(item, k)) {
            let element = load_index(item, k);
            let tie = select(Value(0.0), Value(1.0), term_of(tile_at(item, k)) == Value(norm));
            ties += once(element, included_or_zero(item.group, element, tie));
        }
    }
    return reduce_sums(item, Pair(lane_sum(ties), Accumulator(0.0))).a;
}

fn tile_moments(item: WorkItem, rounds: u32) -> Moments {
    let count = included_count(item);
    let divisor = max(count, Accumulator(1.0));
    let inv_count = Accumulator(1.0) / divisor;

    var first = Accumulator(0.0);
    if (SHIFTED) {
        first = first_lane(included_or_zero(item.group, item.first, term_of(input_at(item.group, item.first))));
    }
    var sum = Value(0.0);
    var peak = Value(0.0);
    for (var k = 0u; k < rounds; k++) {
        if (in_tile(item, k)) {
            let element = load_index(item, k);
            let distance = included_or_zero(item.group, element, term_of(tile_at(item, k)) - first);
            sum += once(element, distance * inv_count);
            peak = max(peak, abs(distance));
        }
    }
    let rough = reduce_sum_and_max(item, Pair(lane_sum(sum), lane_max(peak)));
    if (MAXIMAL) {
        let norm = magnitude_of(rough);
        return Moments(Accumulator(0.0), ties_of(item, rounds, norm), norm, count);
    }
    var mean = Accumulator(0.0);
    if (SHIFTED) {
        mean = first + rough.a;
    }

    let exponent = exponent_of(rough.b);
    let scale = scale_down(exponent);
    var sums = Pair(Accumulator(0.0), Accumulator(0.0));
    for (var block = 0u; block < blocks(); block++) {
        var distances = Value(0.0);
        var squares = Value(0.0);
        let last = min((block + 1u) * block_length(), rounds);
        for (var k = block * block_length(); k < last; k++) {
            if (in_tile(item, k)) {
                let element = load_index(item, k);
                let from_mean = included_or_zero(item.group, element, term_of(tile_at(item, k)) - mean);
                let distance = once(element, from_mean * scale);
                distances += distance;
                squares += distance * distance;
            }
        }
        sums.a += lane_sum(distances);
        sums.b += lane_sum(squares);
    }
    sums = reduce_sums(item, sums);
    var mean_lo = Accumulator(0.0);
    if (AVERAGED) {
        mean_lo = sums.a / divisor;
    }
    let variance = sums.b / divisor - mean_lo * mean_lo;
    let deviation = sqrt(select(variance, Accumulator(0.0), variance < Accumulator(0.0)));
    return Moments(mean, mean_lo * scale_up(exponent), deviation * scale_up(exponent), count);
}
