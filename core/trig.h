#pragma once
// Sine and cosine of our own, so that every build of an env (in-tree, plugin, any SIMD level)
// computes the same bits. Plain double arithmetic without branches; compile without contraction
// to fused multiply-add (-ffp-contract=off). Header-only and C++17.

#include <cstdint>
#include <cstring>

namespace tern {

struct SinCos {
  double sin;
  double cos;
};

namespace trig_detail {

inline std::uint64_t bits(double value) {
  std::uint64_t result;
  std::memcpy(&result, &value, sizeof result);
  return result;
}
inline double from_bits(std::uint64_t value) {
  double result;
  std::memcpy(&result, &value, sizeof result);
  return result;
}

}  // namespace trig_detail

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

  const double rounded = x * kTwoOverPi + kRound;
  const double n = rounded - kRound;
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

  // The quadrant, n mod 4, stands in the low bits of the rounded sum; odd ones swap sine and
  // cosine, and each has its sign turned in two of them. On the bits, without a branch, because
  // compilers don't make vectors of loops with branches.
  const std::uint64_t quadrant = trig_detail::bits(rounded);
  const std::uint64_t swap = 0 - (quadrant & 1);
  const std::uint64_t sin_sign = (quadrant & 2) << 62;
  const std::uint64_t cos_sign = ((quadrant + 1) & 2) << 62;
  const std::uint64_t s_bits = trig_detail::bits(s), c_bits = trig_detail::bits(c);
  const std::uint64_t exchange = (s_bits ^ c_bits) & swap;
  return {trig_detail::from_bits(s_bits ^ exchange ^ sin_sign),
          trig_detail::from_bits(c_bits ^ exchange ^ cos_sign)};
}

}  // namespace tern
