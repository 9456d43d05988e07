// Where the weight, which dz is multiplied by on its way to dx, is applied: to each element, to the sums of a segment in which it is
// constant, or (linear as it all is) after the reduction, to dx.

const PER_ELEMENT = 0u;
const PER_SEGMENT = 1u;
const AFTER_REDUCTION = 2u;
