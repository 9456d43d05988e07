// The moments of a unit's first so many loads a lane, by the corrected two-pass.
//
// Pass one: a provisional mean m, summed as distances from the first element (so that a constant group gives it
// exactly), and the largest distance. Pass two, over d = (x - m) · 2^-e with e from that distance: correction = mean(d),
// variance = mean(d²) - correction². However rough m is, the pair m + correction is right, and nothing overflows.
// A statistic about zero has no m (SHIFTED is false), and a mean square no mean to take off (AVERAGED is false): an
// infinity then leaves the sums infinite rather than NaN.
// Sums run in blocks: the error grows with the root of their number, not of the number of elements.

import package::vector::scalar::{Value, Accumulator, total, largest, first_of};
import package::edges::aligned::{counted};
import package::reduce::invocation::{Pair, reduce_sum_and_peak, reduce_sums};
import package::tile::memory::{holds, item};
import package::statistic::mean_variance::{SHIFTED, AVERAGED, measured};
import package::math::power_of_two::{exponent_of, scale_down, scale_up};
import package::math::moments::{Moments};
import package::walk::{Place, element_of, element_count};
import package::pass::{load_x, BLOCK, BLOCKS};

fn tile_moments(place: Place, rounds: u32) -> Moments {
    let count = element_count(place);
    let share = 1.0 / count;

    var first = Accumulator(0.0);
    if (SHIFTED) {
        first = first_of(measured(load_x(place.group, place.start)));
    }
    var sum = Value(0.0);
    var peak = Value(0.0);
    for (var k = 0u; k < rounds; k++) {
        if (holds(place, k)) {
            let distance = measured(item(place, k)) - first;
            sum += counted(element_of(place, k), distance * share);
            peak = max(peak, abs(distance));
        }
    }
    let rough = reduce_sum_and_peak(place, Pair(total(sum), largest(peak)));
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
                let distance = counted(element_of(place, k), (measured(item(place, k)) - mean) * scale);
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
        correction = sums.a / count;
    }
    let variance = sums.b / count - correction * correction;
    let deviation = sqrt(select(variance, Accumulator(0.0), variance < Accumulator(0.0)));
    return Moments(mean, correction * scale_up(exponent), deviation * scale_up(exponent), count);
}
