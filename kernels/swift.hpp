// The values that training calls most, in float arithmetic from end to end: twice as fast as Wide. One more rounding
// is left in here and there; all arguments have been tried, and none is more than 2 ulp off, given a fused product and
// sum. Without one they are not used.
#pragma once

#include "maths.hpp"

namespace OGIVE_SET {

// exp(-t) = (1 + excess) * power * lowered for t >= 0, t possibly a pair. `close` keeps what the remainder r rounds off.
template <bool close = false> struct SwiftExponential {
    float excess, power;

    static constexpr float top = 112.0f, lowered = 0x1p-64f;  // t exp(-t) is zero above the top

    explicit SwiftExponential(float t, float t_low = 0.0f) {
        const float rounder = 0x1.8p23f, rounded = mul_add(t, -0x1.715476p0f, rounder), k = rounder - rounded;
        power = from_bits<float>((to_bits(rounded) + (127 + 64)) << 23);
        const float near = mul_add(k, 0x1.62e4p-1f, -t);  // exact: the constant has 15 bits
        const float shift = mul_add(k, 0x1.7f7d1cp-20f, -t_low), r = near + shift;
        const float tail = polynomial(r, Coefficients<float>::exp_tail);
        excess = close ? r + mul_add(r * r, tail, (near - r) + shift) : mul_add(r * r, tail, r);
    }
    float mantissa() const { return 1.0f + excess; }
    float value() const { return mantissa() * power * lowered; }
};

// exp(-t) / (1 + exp(-t)) = gate * power * lowered.
struct SwiftTail {
    Pair<float> gate;
    float power;

    explicit SwiftTail(float t) {
        const SwiftExponential<> e(t);
        const float mantissa = e.mantissa(), value = mantissa * e.power * e.lowered;
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
    const float scale = e.power * SwiftExponential<>::lowered, mantissa = e.mantissa();
    const Pair<float> divisor = ordered_sum(1.0f, mantissa * scale);
    const float left = (1.0f + mul_add(-mantissa, divisor.low, e.excess)) / divisor.high * scale;
    return choose(x < 0.0f, left, 1.0f - left);
}

inline float swift_silu(float x) {
    const float t = swift_size(x);
    const SwiftTail tail(t);
    const float lost = mul_add(t, tail.gate.high, t * tail.gate.low);
    return at_least(x, 0.0f) - lost * tail.power * SwiftExponential<>::lowered;
}

inline float swift_softplus(float x) {
    const float e = SwiftExponential<true>(swift_size(x)).value();
    const float tail = polynomial(e - Coefficients<float>::log1p_centre, Coefficients<float>::log1p_tail);
    const float bend = mul_add(e, tail, -0.5f);
    return at_least(x, 0.0f) + mul_add(e * e, bend, e);
}

inline float swift_elu(float x, Pair<float> alpha, float above) {
    const SwiftExponential<> e(at_most(at_least(-x, 0.0f), SwiftExponential<>::top));
    const float scale = e.power * SwiftExponential<>::lowered, expm1 = mul_add(scale, e.excess, scale - 1.0f);
    return choose(x >= 0.0f, above, mul_add(alpha.high, expm1, alpha.low * expm1));
}

// max(x, 0) - t Phi(-t), where t Phi(-t) = t / (5/4 + t) * mills * (1 + excess) * power. The quotient is a pair, and
// mills * (1 + excess) is its largest coefficient plus what remains, so that only small parts are rounded.
inline float swift_gelu(float x) {
    using C = Coefficients<float>;
    const float t = swift_size(x, 15.0f), half = 0.5f * t, square = half * t;
    const float y = mul_add(-2.0f * C::mills_centre, 1.0f / (t + C::mills_centre), 1.0f);
    const float bend = y * polynomial<1>(y, C::mills);
    const SwiftExponential<true> e(square, mul_add(half, t, -square));
    const float remaining = mul_add(C::mills[0] + bend, e.excess, bend);
    const Pair<float> part = divide(Pair<float>{t, -0.0f}, ordered_sum(1.25f, t));
    const float small = mul_add(part.high, remaining, part.low * (C::mills[0] + remaining));
    return at_least(x, 0.0f) - mul_add(part.high, C::mills[0], small) * e.power * SwiftExponential<>::lowered;
}

}  // namespace OGIVE_SET
