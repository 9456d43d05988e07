// Numbers of groups lie in planes, one number of every group after the other.

// Moments and statistics.
const MEAN = 0u;
const MEAN_LO = 1u;
const RSTD = 2u;
const DEVIATION = 3u;
const COUNT = 4u;

// Sums over dz, over dz · x_hat, and over ds · residual, or a group's share of dmeanScale; or of a function of each element over what goes back
// through it, and over that · x.
const SUM_DZ = 0u;
const SUM_DZ_XHAT = 1u;
const SUM_DS_RESIDUAL = 2u;
const SUM_DMEAN_SCALE = 2u;
const SUM_DS = 2u;
const SUM_DS_X = 3u;
