// Branch-free elementary functions over float and double, written so that the compiler vectorises a loop over them:
// no library calls, no tables, every choice a select. Results are pairs where the caller still has to round.
#pragma once

#include <type_traits>

#include "coefficients.hpp"
#include "pair.hpp"

namespace OGIVE_SET {

template <class T> struct Format;

template <> struct Format<float> {
    using Bits = int;
    static constexpr float lifted = 0x1p64f, lowered = 0x1p-64f;
    static constexpr float infinity = __builtin_inff(), nan = __builtin_nanf("");
};

template <> struct Format<double> {
    using Bits = long long;
    static constexpr Bits mantissa_bits = 52, bias = 1023, lift = 512, sign = Bits(1) << 63;
    static constexpr Bits one = bias << mantissa_bits, half_root = 0x3fe6a09e667f3bcd;
    static constexpr double rounder = 0x1.8p52, largest = 0x1.fffffffffffffp1023;
    static constexpr double lifted = 0x1p512, lowered = 0x1p-512;
    static constexpr double exp_bottom = -1060.0;                    // x exp(x) is zero below, even times 1e130
    static constexpr double normal_bottom = 39.0;                    // and x exp(-x^2 / 2) above
    static constexpr double log2_e = 0x1.71547652b82fep0;
    static constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
    static constexpr double infinity = __builtin_inf(), nan = __builtin_nan("");
};

// double as the workshop of float: its range needs no scaling and ln 2 no low part.
template <> struct Format<Wide> {
    using Bits = long long;
    static constexpr Bits mantissa_bits = 52, bias = 1023, lift = 0, sign = Bits(1) << 63;
    static constexpr Bits one = bias << mantissa_bits, half_root = 0x3fe6a09e667f3bcd;
    static constexpr double rounder = 0x1.8p52, largest = 0x1p130;  // already infinite as a float
    static constexpr double lifted = 1.0, lowered = 1.0;
    static constexpr double exp_bottom = -200.0;
    static constexpr double normal_bottom = 15.0;
    static constexpr double log2_e = 0x1.71547652b82fep0;
    static constexpr double ln2_high = 0x1.62e42fefa39efp-1, ln2_low = 0.0;
    static constexpr double infinity = __builtin_inf(), nan = __builtin_nan("");
};

template <class T> using Bits = typename Format<T>::Bits;

template <class T> inline Bits<T> to_bits(T x) { return __builtin_bit_cast(Bits<T>, x); }
template <class T> inline T from_bits(Bits<T> bits) { return __builtin_bit_cast(T, bits); }

inline float magnitude(float x) { return __builtin_fabsf(x); }
inline Wide magnitude(Wide x) { return __builtin_fabs(x.number); }
inline double magnitude(double x) { return __builtin_fabs(x); }

template <class T> inline T with_sign_of(T size, T sign) {
    return from_bits<T>(to_bits(size) | (to_bits(sign) & Format<T>::sign));
}

// Both sides are computed, so a choice becomes a blend of vectors.
inline float choose(bool condition, float a, float b) { return condition ? a : b; }
inline double choose(bool condition, double a, double b) { return condition ? a : b; }
inline Wide choose(bool condition, Wide a, Wide b) { return condition ? a.number : b.number; }
inline Zero choose(bool, Zero, Zero) { return {}; }

template <class T> inline Pair<T> choose(bool condition, Pair<T> a, Pair<T> b) {
    return {choose(condition, a.high, b.high), choose(condition, a.low, b.low)};
}

// NaN passes through both.
template <class T> inline T at_least(T x, T low) { return choose(x < low, low, x); }
template <class T> inline T at_most(T x, T high) { return choose(x > high, high, x); }

// Pairs of terms, joined by Horner's rule in the square: half the latency of Horner's rule in x.
template <class T, class S, int count> inline T polynomial(T x, const S (&coefficients)[count]) {
    const T square = x * x;
    const auto pair = [&](int i) { return mul_add(x, T(coefficients[i + 1]), T(coefficients[i])); };
    T result = count % 2 ? T(coefficients[count - 1]) : pair(count - 2);
#pragma GCC unroll 16
    for (int i = count - (count % 2 ? 3 : 4); i >= 0; i -= 2) result = mul_add(result, square, pair(i));
    return result;
}

// The polynomial without its constant term, divided by x: even and odd powers apart. This takes fewer registers than
// pairs, and so is faster where there are many terms.
template <class T, class S, int count> inline T long_polynomial(T x, const S (&coefficients)[count]) {
    constexpr int last = count - 1, other = count - 2;
    const T square = x * x;
    T high = T(coefficients[last]), low = T(coefficients[other]);
#pragma GCC unroll 16
    for (int i = last - 2; i > 0; i -= 2) high = mul_add(high, square, T(coefficients[i]));
#pragma GCC unroll 16
    for (int i = other - 2; i > 0; i -= 2) low = mul_add(low, square, T(coefficients[i]));
    return last % 2 ? mul_add(low, x, high) : mul_add(high, x, low);
}

// A number mantissa * factor * lowered, factor a power of two. Kept apart, a tail can be multiplied before it
// is rounded to a subnormal.
template <class T> struct Scaled {
    Pair<T> mantissa;
    T factor;
};

template <class Mantissa, class T> inline Mantissa unscaled(Mantissa mantissa, T factor) {
    return mantissa * factor * T(Format<T>::lowered);
}

// The same times a weight: a large one is lowered before it is multiplied, so that nothing overflows that need not.
template <class T> inline T weighted(Pair<T> mantissa, T factor, Pair<T> weight) {
    const bool large = magnitude(weight.high) > T(1);
    const Pair<T> head = choose(large, scale(weight, T(Format<T>::lowered)), weight);
    return total(multiply(mantissa, head)) * factor * choose(large, T(1), T(Format<T>::lowered));
}

template <class T> inline Pair<T> value_of(Scaled<T> a) {
    return {unscaled(a.mantissa.high, a.factor), unscaled(a.mantissa.low, a.factor)};
}

template <class T> inline Scaled<T> choose(bool condition, Scaled<T> a, Pair<T> b) {
    return {choose(condition, a.mantissa, b), choose(condition, a.factor, T(Format<T>::lifted))};
}

// exp(x) = (1 + excess) * factor * lowered.
template <class T> struct Exponential {
    Pair<T> excess;
    T factor;
};

// Cody and Waite's reduction, for x <= 0 (and up to 40 or so): the remainder is a pair, and x may be. Where Wide is to have all
// digits of a double, for what will cancel, `C` says so.
template <class T, class C = Coefficients<T>> inline Exponential<T> exponential(Pair<T> x) {
    using F = Format<T>;
    const T bounded = at_least(x.high, T(F::exp_bottom));
    const T rounded = mul_add(bounded, T(F::log2_e), T(F::rounder)), k = rounded - T(F::rounder);
    using Unsigned = std::make_unsigned_t<Bits<T>>;  // the bits of NaN have no room for a sum
    const T factor = from_bits<T>(Bits<T>((Unsigned(to_bits(rounded)) + (F::bias + F::lift)) << F::mantissa_bits));
    const T near = mul_add(-k, T(F::ln2_high), bounded);
    Pair<T> r = {near, T(0)};
    if constexpr (F::ln2_low != 0.0) r = ordered_sum(near, mul_add(-k, T(F::ln2_low), x.low));
    const T tail = mul_add(r.high * r.high, polynomial(r.high, C::exp_tail), r.low);
    return {ordered_sum(r.high, tail), factor};
}

template <class T, class C = Coefficients<T>> inline Scaled<T> exp(Pair<T> x) {
    const Exponential<T> e = exponential<T, C>(x);
    return {ordered_add(T(1), e.excess), e.factor};
}

template <class T> inline Scaled<T> exp(T x) { return exp(Pair<T>{x, T(0)}); }

// exp(x) - 1 with all digits near zero, where the factor is one and 1 cancels.
template <class T> inline Pair<T> expm1(T x) {
    const Exponential<T> e = exponential(Pair<T>{x, T(0)});
    const T power = unscaled(e.factor, T(1));
    const Pair<T> less = ordered_sum(T(-1), power), sum = exact_sum(less.high, power * e.excess.high);
    return {sum.high, sum.low + (less.low + power * e.excess.low)};
}

template <class T> inline Pair<T> one_plus(Pair<T> a) { return ordered_add(T(1), a); }

// 2 atanh(s), for |s| <= 1/3 or as far as other coefficients reach.
template <class T, int count>
inline Pair<T> twice_atanh(Pair<T> s, const double (&coefficients)[count]) {
    const T square = s.high * s.high;
    const T tail = s.high * (square * polynomial(square, coefficients));
    return ordered_sum(T(2) * s.high, mul_add(T(2), s.low, tail));
}

template <class T> inline Pair<T> twice_atanh(Pair<T> s) { return twice_atanh(s, Coefficients<T>::atanh_tail); }

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
    const bool tiny = a.high < T(F::lowered), huge = a.high > T(F::lifted);
    const Pair<T> moderate = scale(a, choose(tiny, T(F::lifted), choose(huge, T(F::lowered), T(1))));
    const T moved = choose(tiny, -T(F::lift), choose(huge, T(F::lift), T(0)));
    // The power plus the bias, without a sign: what is below zero may come in, whatever comes out.
    using Unsigned = std::make_unsigned_t<Bits<T>>;
    const Unsigned power = (Unsigned(to_bits(moderate.high)) + F::one - F::half_root) >> F::mantissa_bits;
    const T factor = from_bits<T>(Bits<T>((2 * F::bias - power) << F::mantissa_bits));
    const T counted = from_bits<T>(Bits<T>(to_bits(T(F::rounder)) | power)) - T(F::rounder + F::bias);
    return {scale(moderate, factor), counted + moved};
}

// log(a / b) for finite positive pairs, with exact cancellation where both are near the same power of two:
// 2 atanh((a - b) / (a + b)) of the mantissas, so no quotient is rounded first.
template <class T> inline Pair<T> log_ratio(Pair<T> a, Pair<T> b) {
    const Normalised<T> x = normalised(a), y = normalised(b);
    const Pair<T> fraction = twice_atanh(divide(add(x.mantissa, negated(y.mantissa)), add(x.mantissa, y.mantissa)));
    const T k = x.power - y.power;
    return add(Pair<T>{k * T(Format<T>::ln2_high), k * T(Format<T>::ln2_low)}, fraction);
}

// log(x / (1 - x)) for 0 < x < 1. The difference of the bits is nearly that of the logarithms: the power of two that it gives
// leaves a quotient between 2/3 and 3/2, so that the difference in its numerator is exact.
template <class T> inline T log_odds(T x) {
    using F = Format<T>;
    using Unsigned = std::make_unsigned_t<Bits<T>>;
    constexpr Unsigned half = Unsigned(1) << (F::mantissa_bits - 1);
    const Pair<T> other = ordered_sum(T(1), -x);
    const Unsigned bits = to_bits(x * T(F::lifted));
    const Unsigned power = (bits - to_bits(other.high) + F::one + half) >> F::mantissa_bits;  // plus the bias and the lift
    const T near = from_bits<T>(Bits<T>(bits - (power << F::mantissa_bits) + F::one));
    const T k = from_bits<T>(Bits<T>(to_bits(T(F::rounder)) | power)) - T(F::rounder + F::bias + F::lift);
    const T gap = near - other.high;
    const Pair<T> bottom = ordered_sum(T(2) * other.high, gap);
    const Pair<T> quotient = divide(ordered_sum(gap, -other.low), {bottom.high, bottom.low + other.low});
    const Pair<T> fraction = twice_atanh(quotient, Coefficients<T>::atanh_near);
    return total(ordered_add(k * T(F::ln2_high), {fraction.high, mul_add(k, T(F::ln2_low), fraction.low)}));
}

// log(1 + r) for finite r > -1 + 2^-50, all digits near zero: where 1 + r needs no power of two, the numerator is r.
template <class T> inline Pair<T> log1p(Pair<T> r) {
    const Pair<T> one = {T(1), T(0)};
    const Normalised<T> x = normalised(add(one, r));
    const Pair<T> top = choose(x.power == T(0), r, add(x.mantissa, negated(one)));
    const Pair<T> fraction = twice_atanh(divide(top, add(x.mantissa, one)));
    return add(Pair<T>{x.power * T(Format<T>::ln2_high), x.power * T(Format<T>::ln2_low)}, fraction);
}

// log(x), the limits included: -inf at 0, inf at inf, NaN below 0.
template <class T> inline Pair<T> log(Pair<T> x) {
    const bool inside = x.high > T(0) && x.high < T(Format<T>::infinity);
    const Pair<T> result = log_ratio(choose(inside, x, Pair<T>{T(1), T(0)}), Pair<T>{T(1), T(0)});
    const T outside = choose(x.high == T(0), -T(Format<T>::infinity), choose(x.high > T(0), x.high, T(Format<T>::nan)));
    return choose(inside, result, Pair<T>{outside, T(0)});
}

// Phi(-t) for t >= 0, the lower tail of the normal distribution, as density * mills / divisor.
template <class T> struct NormalTail {
    T t;
    Scaled<T> density;  // exp(-t^2 / 2)
    Pair<T> mills;      // (5/4 + t) exp(t^2 / 2) Phi(-t)
    Pair<T> divisor;    // 5/4 + t
};

// Shepherd and Laframboise (Mathematics of Computation 36, 1981): in y = (t - c) / (t + c) the half-line is an
// interval and (5/4 + t) exp(t^2 / 2) Phi(-t) is a short polynomial. t^2 is a pair: exp multiplies its error by t^2.
template <class T> inline NormalTail<T> normal_tail(T t) {
    const T centre = T(Coefficients<T>::mills_centre);
    const T y = (t - centre) / (t + centre);
    const Scaled<T> density = exp(scale(exact_product(t, t), T(-0.5)));
    const T bend = y * long_polynomial(y, Coefficients<T>::mills);
    return {t, density, ordered_sum(T(Coefficients<T>::mills[0]), bend), exact_sum(T(1.25), t)};
}

}  // namespace OGIVE_SET
