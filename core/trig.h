#pragma once
// Sine and cosine of our own, so that every build of a world (in-tree, plugin, any SIMD level)
// computes the same bits. Plain double arithmetic without branches; compile without contraction
// to fused multiply-add (-ffp-contract=off). Header-only and C++17.

namespace tern {

struct SinCos {
  double sin;
  double cos;
};

/// sin(x) and cos(x), x in rad, to within 1.5 units in the last place of a double for
/// |x| <= 1e6; beyond that the argument reduction loses accuracy slowly.
///
/// x is reduced to r in [-pi/4, pi/4] plus a multiple of pi/2 held in three parts (Cody and Waite
/// 1980); the two Taylor polynomials then have a truncation error below 1e-19.
inline SinCos sincos(double x) {
  // 2^52 + 2^51: adding it rounds to an integer, its low bits then hold that integer.
  constexpr double kRound = 6755399441055744.0;
  constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
  // pi/2 in parts of 33, 33 and 53 bits; products with |n| < 2^20 are exact in the first two.
  constexpr double kPiHalf1 = 0x1.921fb544p+0;
  constexpr double kPiHalf2 = 0x1.0b4611a6p-34;
  constexpr double kPiHalf3 = 0x1.3198a2e037073p-69;

  const double n = (x * kTwoOverPi + kRound) - kRound;
  const double head = (x - n * kPiHalf1) - n * kPiHalf2;
  const double tail = n * kPiHalf3;
  const double r = head - tail;
  const double r_error = (head - r) - tail;  // what rounding r lost
  const double z = r * r;

  const double sin_series =
      z * (-1.0 / 6 +
           z * (1.0 / 120 +
                z * (-1.0 / 5040 +
                     z * (1.0 / 362880 +
                          z * (-1.0 / 39916800 +
                               z * (1.0 / 6227020800.0 + z * (-1.0 / 1307674368000.0)))))));
  const double cos_series =
      z * z *
      (1.0 / 24 +
       z * (-1.0 / 720 +
            z * (1.0 / 40320 +
                 z * (-1.0 / 3628800 +
                      z * (1.0 / 479001600.0 +
                           z * (-1.0 / 87178291200.0 + z * (1.0 / 20922789888000.0)))))));
  const double half = 0.5 * z;
  const double one_minus_half = 1.0 - half;
  const double s = r + (r * sin_series + r_error * one_minus_half);
  const double c =
      one_minus_half + (((1.0 - one_minus_half) - half) + (cos_series - r * r_error));

  // Quadrant n mod 4, kept in doubles so that the compiler can vectorise the selection.
  const double quarter = n * 0.25;
  const double floor_quarter = ((quarter - 0.375) + kRound) - kRound;
  const double quadrant = n - 4.0 * floor_quarter;  // 0, 1, 2 or 3
  const bool swapped = quadrant == 1.0 || quadrant == 3.0;
  const double sin_sign = quadrant >= 2.0 ? -1.0 : 1.0;
  const double cos_sign = (quadrant == 1.0 || quadrant == 2.0) ? -1.0 : 1.0;
  return {sin_sign * (swapped ? c : s), cos_sign * (swapped ? s : c)};
}

}  // namespace tern
