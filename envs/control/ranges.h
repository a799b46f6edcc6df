#pragma once
// Values brought into their range, angles into one turn, without branches and library calls, so
// that lane kernels (envs/lane_env.h) become vectors at every level of SIMD.

namespace tern {

constexpr double kPi = 3.14159265358979323846;

/// The whole number nearest to x, of two the even one; |x| < 2^51.
inline double rounded(double x) {
  constexpr double kRound = 0x1.8p52;  // adding it drops the fraction
  return (x + kRound) - kRound;
}

/// The same direction in [-pi, pi).
inline double wrapped(double angle) {
  const double turns = (angle + kPi) / (2 * kPi);
  const double nearest = rounded(turns);
  const double whole = nearest > turns ? nearest - 1 : nearest;
  return angle - 2 * kPi * whole;
}

/// The same direction in [-pi, pi]: both ends stay as they are, as if whole turns were taken away
/// one after the other for as long as the angle lies outside.
inline double wrapped_with_both_ends(double angle) {
  return angle - 2 * kPi * rounded(angle / (2 * kPi));
}

/// The nearest value in [low, high].
inline double clamped(double value, double low, double high) {
  const double raised = value < low ? low : value;
  return raised > high ? high : raised;
}
/// The nearest value in [-limit, limit].
inline double clamped(double value, double limit) { return clamped(value, -limit, limit); }

/// Whether neither is negative. In place of `a >= 0 && b >= 0`, which GCC 12 does not vectorise.
inline bool both_reach_zero(double a, double b) { return (a < b ? a : b) >= 0; }

}  // namespace tern
