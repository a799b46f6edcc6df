/* The random number generator as plain C99: its state and its draws. Plugins in C use it as it is,
 * core/rng.h wraps it for C++. The owner of an env keeps the state; an env only draws.
 *
 * Generator: xoshiro256++ (Blackman and Vigna 2021), period 2^256 - 1, seeded by SplitMix64.
 * The same state gives the same draws on every machine. Not for cryptography. */
#ifndef TERN_RNG_STATE_H_
#define TERN_RNG_STATE_H_

#include <math.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tern_rng {
  uint64_t s[4]; /* never all zero */
} tern_rng;

/* SplitMix64 (Steele, Lea and Flood 2014): advances *x and returns a well-mixed 64-bit value. */
static inline uint64_t tern_splitmix64(uint64_t* x) {
  uint64_t z = (*x += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static inline void tern_rng_seed(tern_rng* rng, uint64_t seed) {
  for (int i = 0; i < 4; ++i) rng->s[i] = tern_splitmix64(&seed);
}

static inline uint64_t tern_rotate_left(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

/* 64 uniform bits. */
static inline uint64_t tern_rng_next(tern_rng* rng) {
  uint64_t* s = rng->s;
  const uint64_t result = tern_rotate_left(s[0] + s[3], 23) + s[0];
  const uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = tern_rotate_left(s[3], 45);
  return result;
}

/* Uniform in [0, 1), 53 bits; one draw. */
static inline double tern_rng_uniform(tern_rng* rng) {
  return (double)(tern_rng_next(rng) >> 11) * 0x1.0p-53;
}

/* Uniform integer in [0, n), without bias, by Lemire's multiplication (2019); n > 0. */
static inline uint32_t tern_rng_below(tern_rng* rng, uint32_t n) {
  uint64_t product = (tern_rng_next(rng) >> 32) * n;
  if ((uint32_t)product < n) {
    const uint32_t threshold = (0u - n) % n;
    while ((uint32_t)product < threshold) product = (tern_rng_next(rng) >> 32) * n;
  }
  return (uint32_t)(product >> 32);
}

/* Quantile of the standard normal distribution for p in (0, 1), to about 1e-16 relative.
 * Rational approximations of Wichura 1988, algorithm AS 241 (PPND16). */
static inline double tern_normal_quantile(double p) {
  const double q = p - 0.5;
  double r, value;
  if (fabs(q) <= 0.425) {
    r = 0.180625 - q * q;
    return q *
           (((((((2.5090809287301226727e+3 * r + 3.3430575583588128105e+4) * r +
                 6.7265770927008700853e+4) * r + 4.5921953931549871457e+4) * r +
               1.3731693765509461125e+4) * r + 1.9715909503065514427e+3) * r +
             1.3314166789178437745e+2) * r + 3.3871328727963666080e+0) /
           (((((((5.2264952788528545610e+3 * r + 2.8729085735721942674e+4) * r +
                 3.9307895800092710610e+4) * r + 2.1213794301586595867e+4) * r +
               5.3941960214247511077e+3) * r + 6.8718700749205790830e+2) * r +
             4.2313330701600911252e+1) * r + 1.0);
  }
  r = sqrt(-log(q < 0 ? p : 1.0 - p));
  if (r <= 5.0) {
    r -= 1.6;
    value = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r +
                  2.41780725177450611770e-1) * r + 1.27045825245236838258e+0) * r +
                3.64784832476320460504e+0) * r + 5.76949722146069140550e+0) * r +
              4.63033784615654529590e+0) * r + 1.42343711074968357734e+0) /
            (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r +
                  1.51986665636164571966e-2) * r + 1.48103976427480074590e-1) * r +
                6.89767334985100004550e-1) * r + 1.67638483018380384940e+0) * r +
              2.05319162663775882187e+0) * r + 1.0);
  } else {
    r -= 5.0;
    value = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r +
                  1.24266094738807843860e-3) * r + 2.65321895265761230930e-2) * r +
                2.96560571828504891230e-1) * r + 1.78482653991729133580e+0) * r +
              5.46378491116411436990e+0) * r + 6.65790464350110377720e+0) /
            (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r +
                  1.84631831751005468180e-5) * r + 7.86869131145613259100e-4) * r +
                1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r +
              5.99832206555887937690e-1) * r + 1.0);
  }
  return q < 0 ? -value : value;
}

/* Standard normal; exactly one draw, by inversion. */
static inline double tern_rng_normal(tern_rng* rng) {
  const double p = ((double)(tern_rng_next(rng) >> 12) + 0.5) * 0x1.0p-52;
  return tern_normal_quantile(p);
}

#ifdef __cplusplus
}
#endif

#endif /* TERN_RNG_STATE_H_ */
