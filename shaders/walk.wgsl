// From an invocation to the elements it handles. A unit is one invocation or several lanes; it handles one chunk of one
// group's elements. Neighbouring units take neighbouring groups, so that columns are read along the contiguous axis.
// Counters step in loads (one element, or four): CHUNK, LENGTH, start, end.

import package::edges::aligned::{elements_before};
import package::reduce::invocation::{unit_of, lane_of};
import package::pass::{call, LANES, LENGTH, CHUNK, CHUNKS};

struct Place {
    working: bool,
    group: u32,
    chunk: u32,
    start: u32,
    end: u32,
    lane: u32,
}

fn locate(workgroup: vec3u, workgroups: vec3u, local: u32) -> Place {
    let unit = unit_of(workgroup.y * workgroups.x + workgroup.x, local);
    var place: Place;
    place.working = unit < call.units;
    place.lane = lane_of(local);
    if (place.working) {
        place.group = unit;
        if (CHUNKS > 1u) {
            place.group = unit % call.groups;
            place.chunk = unit / call.groups;
        }
        place.start = place.chunk * CHUNK;
        place.end = min(place.start + CHUNK, LENGTH);
    }
    return place;
}

// The k-th load of this lane.
fn element_of(place: Place, k: u32) -> u32 {
    return place.start + k * LANES + place.lane;
}

// Whether it is the one lane of the one unit of a group that writes what the group has but once.
fn leads(place: Place) -> bool {
    return place.working && place.chunk == 0u && place.lane == 0u;
}

// How many elements of each group the unit sees.
fn element_count(place: Place) -> f32 {
    return f32(max(elements_before(place.end) - elements_before(place.start), 1u));
}
