// The values that training calls most, in float arithmetic from end to end: twice as fast as Wide. One more rounding
// is left in here and there; all arguments have been tried, and none is more than 2 ulp off, given a fused product and
// sum. Without one they are not used.
#pragma once

#include "maths.hpp"

namespace OGIVE_SET {

// Adding the rounder leaves an integer in the last bits: the exponent of a power of two, raised by 64 to stay normal.
constexpr float swift_rounder = 0x1.8p23f + 127 + 64, swift_lowered = 0x1p-64f;
constexpr float swift_log2_e = 0x1.715476p0f;
constexpr float swift_ln2_high = 0x1.62e4p-1f, swift_ln2_low = 0x1.7f7d1cp-20f;  // the high part has 15 bits: its products are exact

inline float swift_power(float rounded) { return from_bits<float>(to_bits(rounded) << 23); }

// exp(-t) = (1 + excess) * power * lowered for t >= 0. `close` keeps what the remainder r rounds off.
template <bool close = false> struct SwiftExponential {
    float excess, power;

    static constexpr float top = 112.0f;  // t exp(-t) is zero above

    explicit SwiftExponential(float t) {
        const float rounded = mul_add(t, -swift_log2_e, swift_rounder), k = swift_rounder - rounded;
        const float near = mul_add(k, swift_ln2_high, -t), r = mul_add(k, swift_ln2_low, near);
        const float tail = polynomial(r, Coefficients<float>::exp_tail);
        excess = close ? r + mul_add(r * r, tail, mul_add(k, swift_ln2_low, near - r)) : mul_add(r * r, tail, r);
        power = swift_power(rounded);
    }
    float mantissa() const { return 1.0f + excess; }
    float value() const { return mantissa() * power * swift_lowered; }
};

// exp(-t^2 / 2) in the same form. The square is never rounded, r is twice the remainder, and Horner's rule takes
// the fewest registers, which are short where this is used.
struct SwiftGaussian {
    float excess, power;

    explicit SwiftGaussian(float t) {
        const float rounded = mul_add(t, t * (-0.5f * swift_log2_e), swift_rounder), k = swift_rounder - rounded;
        const float near = mul_add(-t, t, k * (2.0f * swift_ln2_high)), r = mul_add(k, 2.0f * swift_ln2_low, near);
        const auto& c = Coefficients<float>::gaussian_tail;
        const float tail = mul_add(mul_add(mul_add(mul_add(c[4], r, c[3]), r, c[2]), r, c[1]), r, c[0]);
        excess = mul_add(r * r, tail, 0.5f * r);
        power = swift_power(rounded);
    }
};

// exp(-t) / (1 + exp(-t)) = gate * power * lowered.
struct SwiftTail {
    Pair<float> gate;
    float power;

    explicit SwiftTail(float t) {
        const SwiftExponential<> e(t);
        const float mantissa = e.mantissa(), value = mantissa * e.power * swift_lowered;
        gate = divide(Pair<float>{mantissa, -0.0f}, ordered_sum(1.0f, value));
        power = e.power;
    }
};

// |x| up to a bound, as integers, which order like positive floats. NaN becomes the bound: the caller carries it.
inline float swift_size(float x, float bound = SwiftExponential<>::top) {
    const int size = to_bits(magnitude(x)), highest = to_bits(bound);
    return from_bits<float>(size < highest ? size : highest);
}

// The rounding of 1 + exp(-t) is taken off the numerator before that is rounded itself.
inline float swift_sigmoid(float x) {
    const SwiftExponential<> e(at_most(magnitude(x), SwiftExponential<>::top));
    const float scale = e.power * swift_lowered, mantissa = e.mantissa();
    const Pair<float> divisor = ordered_sum(1.0f, mantissa * scale);
    const float left = (1.0f + mul_add(-mantissa, divisor.low, e.excess)) / divisor.high * scale;
    return choose(x < 0.0f, left, 1.0f - left);
}

inline float swift_silu(float x) {
    const float t = swift_size(x);
    const SwiftTail tail(t);
    const float lost = mul_add(t, tail.gate.high, t * tail.gate.low);
    return at_least(x, 0.0f) - lost * tail.power * swift_lowered;
}

inline float swift_softplus(float x) {
    const float e = SwiftExponential<true>(swift_size(x)).value();
    const float tail = polynomial(e - Coefficients<float>::log1p_centre, Coefficients<float>::log1p_tail);
    const float bend = mul_add(e, tail, -0.5f);
    return at_least(x, 0.0f) + mul_add(e * e, bend, e);
}

inline float swift_elu(float x, Pair<float> alpha, float above) {
    const SwiftExponential<> e(at_most(at_least(-x, 0.0f), SwiftExponential<>::top));
    const float scale = e.power * swift_lowered, expm1 = mul_add(scale, e.excess, scale - 1.0f);
    return choose(x >= 0.0f, above, mul_add(alpha.high, expm1, alpha.low * expm1));
}

// max(x, 0) - t Phi(-t), where t Phi(-t) = t / (5/4 + t) * (1 + bend) * (1 + excess) * power / 2. The quotient is a pair,
// and what is added to its high part is small, so that little is rounded.
inline float swift_gelu(float x) {
    using C = Coefficients<float>;
    const float t = swift_size(x, 15.0f);
    const float y = 1.0f - 2.0f * C::mills_centre / (t + C::mills_centre);
    const float bend = mul_add(y, long_polynomial(y, C::mills_bend), C::mills_bend[0]);
    const Pair<float> part = divide(Pair<float>{t, -0.0f}, ordered_sum(1.25f, t));
    const float bent = mul_add(part.high, bend, part.low);
    const SwiftGaussian e(t);
    const float lost = part.high + mul_add(part.high, e.excess, mul_add(bent, e.excess, bent));
    return mul_add(lost * e.power, -0.5f * swift_lowered, at_least(x, 0.0f));
}

}  // namespace OGIVE_SET
