// The moments of one item's elements in one reading, as a rule: sums about a guess of the mean, the average of some
// elements from all over the chunk. A variance taken so is off by what the square of the guess's error is to it; where that is
// too much, or squares left the middle of the range (a constant chunk among them), the elements are read again. Of a short chunk no few elements
// stand for the others: without samples nothing is summed up in one reading, which is then not exact.
// Either way every lane goes through the same reductions: subgroups need that.

import package::vector::scalar::{Value, Accumulator, AccumulatorBits, lane_sum};
import package::tail::exact::{once};
import package::reduce::invocation::{Pair, reduce_sums};
import package::work_item::{WorkItem, element_count, iterations};
import package::tile::memory::{BLOCK, element_at, in_tile, sum_count, first_of_sum, last_of_sum};
import package::math::input_tile::{held, load_block};
import package::fusion::{input_at};
import package::statistic::mean_variance::{SHIFTED, AVERAGED, term_of};
import package::math::moments::{Moments};
import package::math::black_box::{black_box_accumulator};
import package::math::tile_moments::{tile_moments};
import package::pass::{call, shape};

// 2^-60 and 2^100, as bits: comparing those, nothing is assumed of NaN, the less as a zero of run time is between.
const LEAST = 0x21800000u;
const MOST = 0x71800000u;

fn moments_of(item: WorkItem) -> Moments {
    let rounds = iterations(item);
    var guess = Accumulator(0.0);
    if (SHIFTED) {
        for (var sample = 0u; sample < shape.samples; sample += BLOCK) {
            for (var k = 0u; k < BLOCK; k++) {
                guess += lane_sum(term_of(input_at(item.group, element_at(item, (sample + k) * rounds / shape.samples))));
            }
        }
        // What is taken off is what is told: a compiler that fuses products and differences would take off the product before it is rounded.
        guess = black_box_accumulator(reduce_sums(item, Pair(guess, guess)).a * shape.inv_sampled);
    }
    var sums = Pair(Accumulator(0.0), Accumulator(0.0));
    let streamed_sums = select(0u, sum_count(), shape.samples > 0u);
    for (var sum = 0u; sum < streamed_sums; sum++) {
        var some = Value(0.0);
        var some_squares = Value(0.0);
        let last = last_of_sum(item, sum);
        for (var first = first_of_sum(sum); first < last; first += BLOCK) {
            load_block(item, first);
            for (var k = 0u; k < BLOCK; k++) {
                let counted = select(Value(0.0), term_of(held(first, k)) - guess, in_tile(item, first + k));
                let distance = once(element_at(item, first + k), counted);
                some += distance;
                some_squares += distance * distance;
            }
        }
        sums.a += lane_sum(some);
        sums.b += lane_sum(some_squares);
    }
    sums = reduce_sums(item, sums);

    let count = Accumulator(element_count(item));
    let mean = sums.a / count;
    let mean_square = sums.b / count;
    let square = select(Accumulator(0.0), mean * mean, SHIFTED);
    let bits = bitcast<AccumulatorBits>(mean_square) ^ AccumulatorBits(call.zero);
    let in_range = (bits >= AccumulatorBits(LEAST)) & (bits <= AccumulatorBits(MOST));
    // Of four columns each by itself: what one of them holds changes no bit of another.
    let exact = in_range & (square <= mean_square * 0.5);
    let again = tile_moments(item, select(rounds, 0u, all(exact)));
    let mean_lo = select(Accumulator(0.0), mean, AVERAGED);
    let variance = max(mean_square - mean_lo * mean_lo, Accumulator(0.0));
    return Moments(
        select(again.mean, guess, exact),
        select(again.mean_lo, mean_lo, exact),
        select(again.deviation, sqrt(variance), exact),
        count,
    );
}
