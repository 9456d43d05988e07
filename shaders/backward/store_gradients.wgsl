// Sums over dz where they are wanted: kept for a later pass, or as the gradients they are, dbias = sum(dz) and dweight = sum(dz · x_hat) (G6).

import package::reduce::invocation::{Pair};
import package::math::planes::{SUM_DZ, SUM_DZ_XHAT};
import package::pass::{store_sums, store_dweight, store_dbias};

fn store_gradients(part: u32, index: u32, sums: Pair) {
    store_sums(SUM_DZ, part, sums.a);
    store_sums(SUM_DZ_XHAT, part, sums.b);
    store_dweight(index, sums.b);
    store_dbias(index, sums.a);
}
