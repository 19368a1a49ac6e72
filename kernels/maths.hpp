// Branch-free elementary functions over float and double, written so that the compiler vectorises a loop over them:
// no library calls, no tables, every choice a select. Results are pairs where the caller still has to round.
#pragma once

#include "coefficients.hpp"
#include "pair.hpp"

namespace OGIVE_SET {

template <class T> struct Format;

template <> struct Format<float> {
    using Bits = int;
    static constexpr Bits mantissa_bits = 23, bias = 127, lift = 64, sign = Bits(1) << 31;
    static constexpr Bits half_root = 0x3f3504f3;                           // bits of sqrt(1/2)
    static constexpr float rounder = 0x1.8p23f;                             // adding it rounds to an integer
    static constexpr float lifted = 0x1p64f, lowered = 0x1p-64f;
    static constexpr float exp_bottom = -112.0f;                            // x exp(x) is zero below
    static constexpr float log2_e = 0x1.715476p0f;
    static constexpr float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;  // high * k is exact
    static constexpr float infinity = __builtin_inff(), nan = __builtin_nanf("");
};

template <> struct Format<double> {
    using Bits = long long;
    static constexpr Bits mantissa_bits = 52, bias = 1023, lift = 512, sign = Bits(1) << 63;
    static constexpr Bits half_root = 0x3fe6a09e667f3bcd;
    static constexpr double rounder = 0x1.8p52;
    static constexpr double lifted = 0x1p512, lowered = 0x1p-512;
    static constexpr double exp_bottom = -760.0;
    static constexpr double log2_e = 0x1.71547652b82fep0;
    static constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
    static constexpr double infinity = __builtin_inf(), nan = __builtin_nan("");
};

template <class T> using Bits = typename Format<T>::Bits;

template <class T> inline Bits<T> to_bits(T x) { return __builtin_bit_cast(Bits<T>, x); }
template <class T> inline T from_bits(Bits<T> bits) { return __builtin_bit_cast(T, bits); }

inline float magnitude(float x) { return __builtin_fabsf(x); }
inline double magnitude(double x) { return __builtin_fabs(x); }

template <class T> inline T with_sign_of(T size, T sign) {
    return from_bits<T>(to_bits(size) | (to_bits(sign) & Format<T>::sign));
}

// NaN passes through both.
template <class T> inline T at_least(T x, T low) { return x < low ? low : x; }
template <class T> inline T at_most(T x, T high) { return x > high ? high : x; }

// Even and odd powers apart: half the latency of Horner's rule for one product more.
template <class T, int count> inline T polynomial(T x, const T (&coefficients)[count]) {
    const T square = x * x;
    T even = coefficients[(count - 1) & ~1], odd = coefficients[(count - 2) | 1];
#pragma GCC unroll 16
    for (int i = ((count - 1) & ~1) - 2; i >= 0; i -= 2) even = mul_add(even, square, coefficients[i]);
#pragma GCC unroll 16
    for (int i = ((count - 2) | 1) - 2; i >= 0; i -= 2) odd = mul_add(odd, square, coefficients[i]);
    return mul_add(odd, x, even);
}

// A number mantissa * factor * lowered, factor a power of two. Kept apart, a tail can be multiplied before it
// is rounded to a subnormal.
template <class T> struct Scaled {
    Pair<T> mantissa;
    T factor;
};

template <class T> inline T unscaled(T mantissa, T factor) { return mantissa * factor * Format<T>::lowered; }

template <class T> inline Pair<T> value_of(Scaled<T> a) {
    return {unscaled(a.mantissa.high, a.factor), unscaled(a.mantissa.low, a.factor)};
}

template <class T> inline Scaled<T> choose(bool condition, Scaled<T> a, Pair<T> b) {
    return {choose(condition, a.mantissa, b), condition ? a.factor : Format<T>::lifted};
}

// exp(x) for x <= 0 (and up to 40 or so): Cody and Waite's reduction with the remainder as a pair.
template <class T> inline Scaled<T> exp(Pair<T> x) {
    using F = Format<T>;
    const T bounded = at_least(x.high, F::exp_bottom);
    const T rounded = mul_add(bounded, F::log2_e, F::rounder), k = rounded - F::rounder;
    const T factor = from_bits<T>((to_bits(rounded) + (F::bias + F::lift)) << F::mantissa_bits);
    const T near = mul_add(-k, F::ln2_high, bounded), shift = mul_add(k, F::ln2_low, -x.low);
    const T r = near - shift, r_low = (near - r) - shift;
    const T tail = mul_add(r * r, polynomial(r, Coefficients<T>::exp_tail), r_low);
    const Pair<T> expm1 = ordered_sum(r, tail), result = ordered_sum(T(1), expm1.high);
    return {{result.high, result.low + expm1.low}, factor};
}

template <class T> inline Scaled<T> exp(T x) { return exp(Pair<T>{x, T(0)}); }

// exp(x) - 1, all digits near zero: 1 cancels exactly where the factor is one.
template <class T> inline Pair<T> expm1(Scaled<T> e) {
    const Pair<T> value = value_of(e);
    const Pair<T> sum = ordered_add(T(-1), value);
    return ordered_sum(sum.high, sum.low);
}

template <class T> inline Pair<T> expm1(T x) { return expm1(exp(x)); }

template <class T> inline Pair<T> one_plus(Pair<T> a) { return ordered_add(T(1), a); }

// 2 atanh(s) for |s| <= 1/3.
template <class T> inline Pair<T> twice_atanh(Pair<T> s) {
    const T square = s.high * s.high;
    const T tail = s.high * (square * polynomial(square, Coefficients<T>::atanh_tail));
    return ordered_sum(T(2) * s.high, mul_add(T(2), s.low, tail));
}

// log(1 + e) for a scaled 0 <= e <= 1, scaled like e: 2 atanh(e / (2 + e)).
template <class T> inline Pair<T> log1p_mantissa(Scaled<T> e) {
    const Pair<T> value = value_of(e);
    const Pair<T> m = divide(e.mantissa, ordered_add(T(2), value));
    const T s = unscaled(m.high, e.factor), square = s * s;
    const T tail = m.high * (square * polynomial(square, Coefficients<T>::atanh_tail));
    return ordered_sum(T(2) * m.high, mul_add(T(2), m.low, tail));
}

// a = mantissa * 2^power with the mantissa in [sqrt(1/2), sqrt(2)), for any finite positive a.
template <class T> struct Normalised {
    Pair<T> mantissa;
    T power;
};

template <class T> inline Normalised<T> normalised(Pair<T> a) {
    using F = Format<T>;
    const bool tiny = a.high < F::lowered, huge = a.high > F::lifted;
    const Pair<T> moderate = scale(a, tiny ? F::lifted : huge ? F::lowered : T(1));
    const T moved = tiny ? -T(F::lift) : huge ? T(F::lift) : T(0);
    const Bits<T> power = (to_bits(moderate.high) - F::half_root) >> F::mantissa_bits;
    const T factor = from_bits<T>((F::bias - power) << F::mantissa_bits);
    return {scale(moderate, factor), (from_bits<T>(to_bits(F::rounder) + power) - F::rounder) + moved};
}

// log(a / b) for finite positive pairs, with exact cancellation where both are near the same power of two:
// 2 atanh((a - b) / (a + b)) of the mantissas, so no quotient is rounded first.
template <class T> inline Pair<T> log_ratio(Pair<T> a, Pair<T> b) {
    const Normalised<T> x = normalised(a), y = normalised(b);
    const Pair<T> fraction = twice_atanh(divide(add(x.mantissa, negated(y.mantissa)), add(x.mantissa, y.mantissa)));
    const T k = x.power - y.power;
    return add(Pair<T>{k * Format<T>::ln2_high, k * Format<T>::ln2_low}, fraction);
}

// log(x), the limits included: -inf at 0, inf at inf, NaN below 0.
template <class T> inline Pair<T> log(Pair<T> x) {
    const bool inside = x.high > T(0) && x.high < Format<T>::infinity;
    const Pair<T> result = log_ratio(choose(inside, x, Pair<T>{T(1), T(0)}), Pair<T>{T(1), T(0)});
    const T outside = x.high == T(0) ? -Format<T>::infinity : x.high > T(0) ? x.high : Format<T>::nan;
    return choose(inside, result, Pair<T>{outside, T(0)});
}

// Phi(-t) for t >= 0, the lower tail of the normal distribution, as density * mills / divisor.
template <class T> struct NormalTail {
    T t;
    Scaled<T> density;  // exp(-t^2 / 2)
    T mills;            // (1 + t) exp(t^2 / 2) Phi(-t)
    Pair<T> divisor;    // 1 + t
};

// Shepherd and Laframboise (Mathematics of Computation 36, 1981): in y = (t - c) / (t + c) the half-line is an
// interval and (1 + t) exp(t^2 / 2) Phi(-t) is a short polynomial. t^2 is a pair: exp multiplies its error by t^2.
template <class T> inline NormalTail<T> normal_tail(T t) {
    const T centre = Coefficients<T>::mills_centre;
    const T y = (t - centre) / (t + centre);
    const Scaled<T> density = exp(scale(exact_product(t, t), T(-0.5)));
    return {t, density, polynomial(y, Coefficients<T>::mills), exact_sum(T(1), t)};
}

}  // namespace OGIVE_SET
