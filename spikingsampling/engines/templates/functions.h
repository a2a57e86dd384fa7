/* exp and log without a branch, so that loops over them become vector code. Vector and scalar code give the same bits:
   the sums are chains of fused multiply-adds, which no optimisation may reorder. Where the processor has no such
   instruction, or the compiler is asked to keep to C's library, these are the functions of the library. */

#ifndef SPIKINGSAMPLING_FUNCTIONS_H
#define SPIKINGSAMPLING_FUNCTIONS_H

#include <cmath>
#include <cstdint>
#include <cstring>

namespace spikingsampling {

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)

inline double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }

/* log 2 in two parts: the first has 32 significant bits, so that its product with an exponent is exact. */
const double LOG2_HIGH = 0.6931471803691238, LOG2_LOW = 1.9082149292705877e-10;

/* e^x = 2^k e^r with |r| <= log(2)/2, where the Taylor series up to r^13 misses 4e-18. Infinite above 709, 0 below
   -708: there the power of two is no normal number. */
inline double exponential(double x)
{
    const bool low = x < -708.0, high = x > 709.0;
    double y = low ? -708.0 : x;
    y = high ? 709.0 : y;
    const double k = __builtin_rint(y * 1.4426950408889634);
    const double r = fused(k, -LOG2_LOW, fused(k, -LOG2_HIGH, y));
    double p = 1.0 / 6227020800.0;
    p = fused(p, r, 1.0 / 479001600.0);
    p = fused(p, r, 1.0 / 39916800.0);
    p = fused(p, r, 1.0 / 3628800.0);
    p = fused(p, r, 1.0 / 362880.0);
    p = fused(p, r, 1.0 / 40320.0);
    p = fused(p, r, 1.0 / 5040.0);
    p = fused(p, r, 1.0 / 720.0);
    p = fused(p, r, 1.0 / 120.0);
    p = fused(p, r, 1.0 / 24.0);
    p = fused(p, r, 1.0 / 6.0);
    p = fused(p, r, 0.5);
    p = fused(p, r, 1.0);
    p = fused(p, r, 1.0);
    // Added to 1.5 2^52, the whole number k + 1023 is what the lowest bits hold.
    const double biased = k + (6755399441055744.0 + 1023.0);
    uint64_t bits;
    memcpy(&bits, &biased, sizeof bits);
    bits <<= 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    p *= power;
    p = high ? INFINITY : p;
    return low ? 0.0 : p;
}

/* log x = k log 2 + 2 artanh s with s = (m - 1)/(m + 1), where x = 2^k m and m lies between the square roots of 1/2 and
   2. Then s^2 < 0.0295, and the series up to s^21 misses 1e-19. Not for subnormal x. */
inline double logarithm(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int32_t above = int32_t(bits >> 32) - 0x3fe6a09e; // than the square root of 1/2
    const int32_t k = above >> 20;
    const uint64_t mantissa = bits - (uint64_t(uint32_t(k)) << 52);
    double m;
    memcpy(&m, &mantissa, sizeof m);
    const double s = (m - 1.0) / (m + 1.0), z = s * s;
    double p = 1.0 / 21.0;
    p = fused(p, z, 1.0 / 19.0);
    p = fused(p, z, 1.0 / 17.0);
    p = fused(p, z, 1.0 / 15.0);
    p = fused(p, z, 1.0 / 13.0);
    p = fused(p, z, 1.0 / 11.0);
    p = fused(p, z, 1.0 / 9.0);
    p = fused(p, z, 1.0 / 7.0);
    p = fused(p, z, 1.0 / 5.0);
    p = fused(p, z, 1.0 / 3.0);
    const double twice = 2.0 * s;
    const double rest = fused(double(k), LOG2_LOW, twice * z * p);
    double y = fused(double(k), LOG2_HIGH, twice + rest);
    y = x > 0.0 ? y : (x == 0.0 ? -INFINITY : NAN);
    return x > 1.7976931348623157e308 ? x : y;
}

/* sin and cos of 2 pi v for v in [0, 1): a quarter of a turn at most one eighth away, and series up to the 17th and 16th
   power. */
inline void turn(double v, double& sine, double& cosine)
{
    const double quarter = __builtin_rint(4.0 * v);
    const double a = fused(quarter, -0.25, v) * 6.283185307179586, z = a * a;
    double s = 1.0 / 355687428096000.0;
    s = fused(s, z, -1.0 / 1307674368000.0);
    s = fused(s, z, 1.0 / 6227020800.0);
    s = fused(s, z, -1.0 / 39916800.0);
    s = fused(s, z, 1.0 / 362880.0);
    s = fused(s, z, -1.0 / 5040.0);
    s = fused(s, z, 1.0 / 120.0);
    s = fused(s, z, -1.0 / 6.0);
    s = fused(s * z, a, a);
    double c = 1.0 / 20922789888000.0;
    c = fused(c, z, -1.0 / 87178291200.0);
    c = fused(c, z, 1.0 / 479001600.0);
    c = fused(c, z, -1.0 / 3628800.0);
    c = fused(c, z, 1.0 / 40320.0);
    c = fused(c, z, -1.0 / 720.0);
    c = fused(c, z, 1.0 / 24.0);
    c = fused(c, z, -0.5);
    c = fused(c, z, 1.0);
    const int32_t q = int32_t(quarter);
    const double first = q & 1 ? c : s, second = q & 1 ? s : c;
    sine = q & 2 ? -first : first;
    cosine = (q + 1) & 2 ? -second : second;
}

#else

inline double exponential(double x) { return std::exp(x); }
inline double logarithm(double x) { return std::log(x); }
inline void turn(double v, double& sine, double& cosine)
{
    sine = std::sin(6.283185307179586 * v);
    cosine = std::cos(6.283185307179586 * v);
}

#endif

}

// Generated code calls them by these names.
using spikingsampling::exponential;
using spikingsampling::logarithm;

#endif
