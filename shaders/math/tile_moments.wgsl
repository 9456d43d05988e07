// The moments of a unit's first so many loads a lane, by the corrected two-pass.
//
// Pass one: a provisional mean m, summed as distances from the first element (so that a constant group gives it
// exactly), and the largest distance. Pass two, over d = (x - m) · 2^-e with e from that distance: correction = mean(d),
// variance = mean(d²) - correction². However rough m is, the pair m + correction is right, and nothing overflows.
// A statistic about zero has no m (SHIFTED is false), and a mean square no mean to take off (AVERAGED is false): an
// infinity then leaves the sums infinite rather than NaN.
// A largest magnitude (MAXIMAL) is what pass one found, and pass two counts the elements that have it.
// Sums run in blocks: the error grows with the root of their number, not of the number of elements.

import package::vector::scalar::{Value, Accumulator, total, largest, first_of};
import package::input::alone::{input_at};
import package::edges::aligned::{counted};
import package::member::all::{where_counting, count_of};
import package::reduce::invocation::{Pair, reduce_sum_and_peak, reduce_sums};
import package::tile::memory::{holds, item};
import package::statistic::mean_variance::{SHIFTED, AVERAGED, MAXIMAL, measured};
import package::math::power_of_two::{exponent_of, scale_down, scale_up};
import package::math::moments::{Moments};
import package::math::magnitude::{magnitude_of};
import package::walk::{Place, element_of};
import package::pass::{BLOCK, BLOCKS};

fn ties_of(place: Place, rounds: u32, norm: Accumulator) -> Accumulator {
    var ties = Value(0.0);
    for (var k = 0u; k < rounds; k++) {
        if (holds(place, k)) {
            let element = element_of(place, k);
            let tie = select(Value(0.0), Value(1.0), measured(item(place, k)) == Value(norm));
            ties += counted(element, where_counting(place.group, element, tie));
        }
    }
    return reduce_sums(place, Pair(total(ties), Accumulator(0.0))).a;
}

fn tile_moments(place: Place, rounds: u32) -> Moments {
    let count = count_of(place);
    let divisor = max(count, Accumulator(1.0));
    let share = Accumulator(1.0) / divisor;

    var first = Accumulator(0.0);
    if (SHIFTED) {
        first = first_of(where_counting(place.group, place.start, measured(input_at(place.group, place.start))));
    }
    var sum = Value(0.0);
    var peak = Value(0.0);
    for (var k = 0u; k < rounds; k++) {
        if (holds(place, k)) {
            let element = element_of(place, k);
            let distance = where_counting(place.group, element, measured(item(place, k)) - first);
            sum += counted(element, distance * share);
            peak = max(peak, abs(distance));
        }
    }
    let rough = reduce_sum_and_peak(place, Pair(total(sum), largest(peak)));
    if (MAXIMAL) {
        let norm = magnitude_of(rough);
        return Moments(Accumulator(0.0), ties_of(place, rounds, norm), norm, count);
    }
    var mean = Accumulator(0.0);
    if (SHIFTED) {
        mean = first + rough.a;
    }

    let exponent = exponent_of(rough.b);
    let scale = scale_down(exponent);
    var sums = Pair(Accumulator(0.0), Accumulator(0.0));
    for (var block = 0u; block < BLOCKS; block++) {
        var distances = Value(0.0);
        var squares = Value(0.0);
        let last = min((block + 1u) * BLOCK, rounds);
        for (var k = block * BLOCK; k < last; k++) {
            if (holds(place, k)) {
                let element = element_of(place, k);
                let given = where_counting(place.group, element, measured(item(place, k)) - mean);
                let distance = counted(element, given * scale);
                distances += distance;
                squares += distance * distance;
            }
        }
        sums.a += total(distances);
        sums.b += total(squares);
    }
    sums = reduce_sums(place, sums);
    var correction = Accumulator(0.0);
    if (AVERAGED) {
        correction = sums.a / divisor;
    }
    let variance = sums.b / divisor - correction * correction;
    let deviation = sqrt(select(variance, Accumulator(0.0), variance < Accumulator(0.0)));
    return Moments(mean, correction * scale_up(exponent), deviation * scale_up(exponent), count);
}
