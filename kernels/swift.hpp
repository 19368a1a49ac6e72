// The functions that training calls most, in float arithmetic from end to end: two to three times as fast as Wide. One more
// rounding is left in here and there: no value is more than 2 ulp off and no slope more than 4, given a fused product and
// sum (benchmarks/exhaustive.py tries all arguments). Without one they are not used.
#pragma once

#include "maths.hpp"
#include "results.hpp"

namespace OGIVE_SET {

// Adding the rounder leaves an integer in the last bits: the exponent of a power of two, raised by 64 to stay normal.
constexpr float swift_rounder = 0x1.8p23f + 127 + 64, swift_lowered = 0x1p-64f;
constexpr float swift_log2_e = 0x1.715476p0f;
// The high part has 15 bits, so that its products are exact.
constexpr float swift_ln2_high = 0x1.62e4p-1f, swift_ln2_low = 0x1.7f7d1cp-20f;

inline float swift_power(float rounded) { return from_bits<float>(to_bits(rounded) << 23); }

// -t = k ln 2 + r + lost for t >= 0; power = 2^(k + 64). Half of all that, given half of t. `shift` moves the bounds of r
// to the left, so that a function whose terms cancel for k < 0 keeps to k = 0 for longer.
template <bool half> struct SwiftReduction {
    float r, lost, power;

    explicit SwiftReduction(float t, float shift = 0.0f) {
        reduce(t, mul_add(t - shift, -swift_log2_e / unit, swift_rounder), [](float near) { return near; });
    }
    explicit SwiftReduction(Pair<float> t) {
        reduce(t.high, mul_add(t.high, -swift_log2_e / unit, swift_rounder), [=](float near) { return near - t.low; });
    }

private:
    static constexpr float unit = half ? 0.5f : 1.0f;

    template <class Correct> void reduce(float t, float rounded, const Correct& corrected) {
        const float k = swift_rounder - rounded, near = corrected(mul_add(k, swift_ln2_high * unit, -t));
        r = mul_add(k, swift_ln2_low * unit, near);
        lost = mul_add(k, swift_ln2_low * unit, near - r);
        power = swift_power(rounded);
    }
};

constexpr float swift_top = 112.0f;  // t exp(-t) is zero above

// exp(-t) = (1 + excess) * power * lowered for t >= 0. `close` keeps what the remainder rounds off.
template <bool close = false> struct SwiftExponential {
    float excess, power;

    template <class Argument> explicit SwiftExponential(Argument t) {
        const SwiftReduction<false> x(t);
        const float tail = polynomial(x.r, Coefficients<float>::exp_tail);
        excess = close ? x.r + mul_add(x.r * x.r, tail, x.lost) : mul_add(x.r * x.r, tail, x.r);
        power = x.power;
    }
    float mantissa() const { return 1.0f + excess; }
    float scale() const { return power * swift_lowered; }
    float value() const { return mantissa() * power * swift_lowered; }
    float expm1() const { return mul_add(scale(), excess, scale() - 1.0f); }
};

// exp(-t^2 / 2) / 2 in the same form. The square is never rounded, r is twice the remainder, and Horner's rule takes
// the fewest registers, which are short where this is used.
struct SwiftGaussian {
    float excess, power;

    explicit SwiftGaussian(float t) {
        constexpr float rounder = swift_rounder - 1.0f;
        const float rounded = mul_add(t, t * (-0.5f * swift_log2_e), rounder), k = rounder - rounded;
        const float near = mul_add(-t, t, k * (2.0f * swift_ln2_high)), r = mul_add(k, 2.0f * swift_ln2_low, near);
        const auto& c = Coefficients<float>::gaussian_tail;
        const float tail = mul_add(mul_add(mul_add(mul_add(c[4], r, c[3]), r, c[2]), r, c[1]), r, c[0]);
        excess = mul_add(r * r, tail, 0.5f * r);
        power = swift_power(rounded);
    }
};

// |x| up to a bound, as integers, which order like positive floats. NaN becomes the bound: the caller carries it.
inline float swift_size(float x, float bound = swift_top) {
    const int size = to_bits(magnitude(x)), highest = to_bits(bound);
    return from_bits<float>(size < highest ? size : highest);
}

inline float swift_choose(float x, float negative, float positive) {
    return choose(x == x, choose(x < 0.0f, negative, positive), x);
}

// The logistic function of -t, (1 + excess) * scale / divisor. What the divisor rounds off has been taken off the excess.
struct SwiftLogistic {
    float excess, divisor, power, scale = power * swift_lowered;

    float times_tail(float t) const { return mul_add(t, excess, t) / divisor; }  // t times it, over the scale
    float tail() const { return (1.0f + excess) / divisor; }
    float low() const { return tail() * scale; }
    float high() const { return 1.0f - low(); }
    float slope() const { return tail() * high() * scale; }
};

template <class Argument> inline SwiftLogistic swift_logistic(Argument t) {
    const SwiftExponential<> e(t);
    const Pair<float> divisor = ordered_sum(1.0f, e.mantissa() * e.scale());
    return {mul_add(-e.mantissa(), divisor.low, e.excess), divisor.high, e.power};
}

inline Results<float> swift_sigmoid(float x) {
    const SwiftLogistic s = swift_logistic(at_most(magnitude(x), swift_top));
    return {choose(x < 0.0f, s.low(), s.high()), s.slope()};
}

// exp(-2|x|) is scale (1 + w) / (1 - w) with w = tanh(r / 2), an odd polynomial: half the terms of exp, and tanh itself
// where the scale is one. The slope is that of the logistic function at 2x, times 4.
inline Results<float> swift_tanh(float x) {
    const SwiftReduction<true> half(at_most(magnitude(x), 0.5f * swift_top), 0.0859375f);
    const float square = half.r * half.r, scale = half.power * swift_lowered, less = 1.0f - scale, more = 1.0f + scale;
    const auto& c = Coefficients<float>::tanh_tail;
    const float w = mul_add(half.r * square, mul_add(mul_add(c[2], square, c[1]), square, c[0]), half.r);
    const float divisor = mul_add(-w, less, more), lost = mul_add(-w, less, (1.0f - divisor) + scale);
    const SwiftLogistic s = {w - lost, divisor, half.power};
    // The numerator loses what the divisor does, times the quotient, for which `less` is near enough.
    const float numerator = mul_add(-more, mul_add(lost, less, w), less);
    return {__builtin_copysignf(numerator / divisor, x), 4.0f * s.slope()};
}

// x times a gate that opens to the right: max(x, 0) less what is lost, with a slope on the left and what that lacks to 1 on
// the right. Both times power * lowered.
inline Results<float> swift_gate(float x, float lost, float left, float power) {
    const float slope = left * power * swift_lowered;
    return {mul_add(lost * power, -swift_lowered, at_least(x, 0.0f)), swift_choose(x, slope, 1.0f - slope)};
}

// x s(x); the slope is s(-t) (1 - t s(t)) on the left.
inline Results<float> swift_silu(float x) {
    const float t = swift_size(x);
    const SwiftLogistic s = swift_logistic(t);
    return swift_gate(x, s.times_tail(t), s.tail() * mul_add(t, s.low(), 1.0f - t), s.power);
}

// x s(z) with z = 2 sqrt(2 / pi) (t + 0.044715 t^3), whose error is that of exp(-z), and so a pair.
inline Results<float> swift_gelu_tanh(float x) {
    constexpr Pair<float> linear = {0x1.988454p+0f, -0x1.857936p-25f}, cubic = {0x1.2444f2p-4f, 0x1.49b16ap-29f};
    const float t = swift_size(x, 10.98f);
    const Pair<float> cube = multiply(exact_product(t, t), cubic), sum = exact_sum(linear.high, cube.high);
    const SwiftLogistic s = swift_logistic(multiply(Pair<float>{sum.high, sum.low + (cube.low + linear.low)}, t));
    const float steep = t * mul_add(3.0f, cube.high, linear.high);
    return swift_gate(x, s.times_tail(t), s.tail() * mul_add(steep, s.low(), 1.0f - steep), s.power);
}

// x s(x) times the gate, which is multiplied before it is rounded on the left and after on the right.
inline Results<float> swift_swiglu(float x, float gate) {
    const float t = swift_size(x);
    const SwiftLogistic s = swift_logistic(t);
    const bool left = x < 0.0f;
    const float product = choose(left, -t * gate, t), rest = choose(left, mul_add(-t, gate, -product), 0.0f);
    const float lost = (product + mul_add(product, s.excess, rest)) / s.divisor * s.power;
    const float bend = s.tail() * mul_add(t, s.low(), 1.0f - t) * s.power;
    return {choose(left, lost * swift_lowered, gate * mul_add(lost, -swift_lowered, x)),
            gate * choose(left, bend * swift_lowered, mul_add(bend, -swift_lowered, 1.0f))};
}

// max(x, 0) - t Phi(-t), t Phi(-t) = t / (5/4 + t) * (1 + bend) * (1 + excess) * power / 2. The quotient is a pair, and
// what is added to its high part is small, so that little is rounded. The slope on the left is Phi(-t) - t phi(t).
inline Results<float> swift_gelu(float x) {
    using C = Coefficients<float>;
    const float t = swift_size(x, 15.0f);
    const float y = 1.0f - 2.0f * C::mills_centre / (t + C::mills_centre);
    const float bend = mul_add(y, long_polynomial(y, C::mills_bend), C::mills_bend[0]);
    const Pair<float> divisor = ordered_sum(1.25f, t), part = divide(Pair<float>{t, -0.0f}, divisor);
    const float bent = mul_add(part.high, bend, part.low);
    const SwiftGaussian e(t);
    const float lost = part.high + mul_add(part.high, e.excess, mul_add(bent, e.excess, bent));
    constexpr float twice_density = 0x1.988454p-1f;
    const float reciprocal = 1.0f / divisor.high;
    const float ratio = mul_add(reciprocal, mul_add(-divisor.low, reciprocal, bend), reciprocal);
    const float slope = mul_add(-twice_density, t, ratio);
    return swift_gate(x, lost, mul_add(slope, e.excess, slope), e.power);
}

// log(1 + exp(x)); its slope is the logistic function.
inline Results<float> swift_softplus(float x) {
    const float e = SwiftExponential<true>(swift_size(x)).value(), share = e / (1.0f + e);
    const float tail = polynomial(e - Coefficients<float>::log1p_centre, Coefficients<float>::log1p_tail);
    const float bend = mul_add(e, tail, -0.5f);
    return {at_least(x, 0.0f) + mul_add(e * e, bend, e), swift_choose(x, share, 1.0f - share)};
}

// The line `above` on the right; alpha expm1(x) on the left, with the slope alpha exp(x). A large alpha is lowered before
// it is multiplied, a small one after, so that nothing overflows or is lost.
inline Results<float> swift_exponential_unit(float x, Pair<float> alpha, Results<float> above) {
    const SwiftExponential<> e(at_most(at_least(-x, 0.0f), swift_top));
    const bool large = alpha.high > 1.0f;
    const float head = choose(large, alpha.high * swift_lowered, alpha.high), last = choose(large, 1.0f, swift_lowered);
    return {choose(x >= 0.0f, above.value, mul_add(alpha.high, e.expm1(), alpha.low * e.expm1())),
            choose(x > 0.0f, above.slope, e.mantissa() * head * e.power * last)};
}

inline Results<float> swift_elu(float x, float alpha) { return swift_exponential_unit(x, {alpha, 0.0f}, {x, 1.0f}); }

// The scale apart from its fraction: what rounds that is small beside x, and infinity stays.
inline Results<float> swift_selu(float x) {
    const Results<float> above = {mul_add(x, 0.05070098735548049f, x), 1.0507009873554805f};
    return swift_exponential_unit(x, {0x1.c212ccp+0f, 0x1.903c0cp-26f}, above);
}

// exp(x). Its power of two is lowered on the right and raised on the left by 64, and set right last, to overflow or to be subnormal there.
inline Results<float> swift_exp(float x) {
    const bool right = x > 0.0f;
    const float bounded = at_most(at_least(x, -104.0f), 89.0f);
    const float rounder = choose(right, swift_rounder - 128.0f, swift_rounder), rounded = mul_add(bounded, swift_log2_e, rounder);
    const float k = rounded - rounder, near = mul_add(-k, swift_ln2_high, bounded), r = mul_add(-k, swift_ln2_low, near);
    const float mantissa = 1.0f + mul_add(r * r, polynomial(r, Coefficients<float>::exp_tail), r);
    const float value = mantissa * swift_power(rounded) * choose(right, 0x1p64f, swift_lowered);
    return {value, value};
}

// Value, slope and both of a function in float arithmetic; the compiler leaves out what is not asked for.
template <auto function> struct Swift {
    static float swift(auto... x) { return function(x...).value; }
    static float swift_slope(auto... x) { return function(x...).slope; }
    static Results<float> swift_both(auto... x) { return function(x...); }
};

}  // namespace OGIVE_SET
