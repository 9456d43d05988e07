// Keeps the statistics of a group, and its moments where a later pass needs them: written by one lane of the item that covers its first chunk.

import package::work_item::{WorkItem, is_writer};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN, MEAN_LO, RSTD, DEVIATION, COUNT};
import package::pass::{store_saved, HAS_SAVED, SAVE_MOMENTS};

fn save(item: WorkItem, moments: Moments, statistics: Statistics) {
    if (!HAS_SAVED || !is_writer(item)) {
        return;
    }
    store_saved(MEAN, item.group, statistics.mean);
    store_saved(MEAN_LO, item.group, statistics.mean_lo);
    store_saved(RSTD, item.group, statistics.rstd);
    if (SAVE_MOMENTS) {
        store_saved(DEVIATION, item.group, moments.deviation);
        store_saved(COUNT, item.group, moments.count);
    }
}
