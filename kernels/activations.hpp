// One struct per activation: its value and its slope, and perhaps its curvature. To add one, write the struct and add its
// row at the end; CONTRIBUTING.md has a worked example.
//
// NaN goes in and comes out, infinities give the limits, and no step may turn them into 0 * inf or inf - inf:
// arguments are bounded where the function has long become flat.
//
// T is double, or Wide when the data are float; a struct marked `direct` rounds too little to need that, and one derived
// from `Swift` has faster arithmetic for float.
#pragma once

#include "logistic.hpp"
#include "swift.hpp"

namespace OGIVE_SET {

struct Identity {
    static constexpr bool direct = true;
    template <class T> static T value(T x) { return x; }
    template <class T> static T slope(T x) { return unless_nan(x, T(1)); }
};

struct Step {
    static constexpr bool direct = true;
    template <class T> static T value(T x, T at_zero) {
        return choose(x > T(0), T(1), choose(x < T(0), T(0), unless_nan(x, at_zero)));
    }
    template <class T> static T slope(T x, T) { return unless_nan(x, T(0)); }
};

struct Tanh : Swift<swift_tanh>, Together<Tanh> {
    template <class T> static T value(T x) {
        const Pair<T> e = expm1(T(-2) * magnitude(x));
        return with_sign_of(magnitude(total(divide(e, ordered_add(T(2), e)))), x);
    }
    template <class T> static T slope(T x) { return Logistic<T>(T(2) * magnitude(x)).slope(T(4)); }
    template <class T> static T curvature(T x) { return Logistic<T>(T(2) * magnitude(x)).slope(T(-8) * value(x)); }
};

struct Sigmoid : Swift<swift_sigmoid>, Together<Sigmoid> {
    template <class T> static T value(T x) {
        const Logistic<T> s(magnitude(x));
        return choose(x < T(0), s.low(), s.high());
    }
    template <class T> static T slope(T x) { return Logistic<T>(magnitude(x)).slope(); }
    template <class T> static T curvature(T x) { return Logistic<T>(magnitude(x)).slope(-Tanh::value(T(0.5) * x)); }
};

struct Logit {
    template <class T> static T value(T x) {
        const T product = x * (T(1) - x);  // above zero inside, zero at both ends
        const T end = with_sign_of(T(Format<T>::infinity), x - T(0.5));
        return choose(product > T(0), log_odds(x), choose(product == T(0), end, T(Format<T>::nan)));
    }
    template <class T> static T slope(T x) {
        const T result = (T(1) / x) / (T(1) - x);
        return choose(x >= T(0) && x <= T(1), magnitude(result), T(Format<T>::nan));
    }
};

struct HardSigmoid {
    static constexpr bool direct = true;
    template <class T> static T value(T x) { return at_most(at_least(x + T(3), T(0)), T(6)) * T(1.0 / 6); }
    template <class T> static T slope(T x) { return unless_nan(x, choose(magnitude(x) < T(3), T(1) / T(6), T(0))); }
};

struct Relu {
    static constexpr bool direct = true;
    template <class T> static T value(T x) { return at_least(x, T(0)); }
    template <class T> static T slope(T x) { return unless_nan(x, choose(x > T(0), T(1), T(0))); }
};

struct LeakyRelu {
    static constexpr bool direct = true;
    template <class T> static T value(T x, T negative_slope) { return choose(x > T(0), x, negative_slope * x); }
    template <class T> static T slope(T x, T negative_slope) {
        return unless_nan(x, choose(x > T(0), T(1), negative_slope));
    }
};

// weight * expm1(x) on the left and weight * exp(x) for its slope, the weight a pair.
template <class T> inline T weighted_expm1(Pair<T> weight, T x) { return total(multiply(expm1(at_most(x, T(0))), weight)); }

template <class T> inline T weighted_exp(Pair<T> weight, T x) {
    const Scaled<T> e = exp(at_most(x, T(0)));
    return weighted(e.mantissa, e.factor, weight);
}

struct Elu : Swift<swift_elu>, Together<Elu> {
    template <class T> static T value(T x, T alpha) {
        return choose(x >= T(0), x, weighted_expm1(Pair<T>{alpha, T(0)}, x));
    }
    template <class T> static T slope(T x, T alpha) {
        return choose(x > T(0), T(1), weighted_exp(Pair<T>{alpha, T(0)}, x));
    }
};

struct Selu : Swift<swift_selu>, Together<Selu> {
    static constexpr double scale = 1.0507009873554805;
    template <class T> static constexpr Pair<T> scale_alpha = Pair<T>{1.7580993408473768, 1.41535193800845e-17};

    // scale * x, the fraction apart: its rounding is small beside x, and infinity stays.
    template <class T> static T above(T x) { return mul_add(x, T(0.05070098735548049), x); }

    template <class T> static T value(T x) {
        return choose(x >= T(0), above(x), weighted_expm1(scale_alpha<T>, x));
    }
    template <class T> static T slope(T x) { return choose(x > T(0), T(scale), weighted_exp(scale_alpha<T>, x)); }
};

struct Gelu : Swift<swift_gelu>, Together<Gelu> {
    template <class T> static T value(T x) {
        const NormalTail<T> tail = normal_tail(at_most(magnitude(x), T(Format<T>::normal_bottom)));
        const Pair<T> product = multiply(multiply(tail.density.mantissa, tail.t), tail.mills);
        const T lost = unscaled(total(divide(product, tail.divisor)), tail.density.factor);
        return at_least(x, T(0)) - lost;
    }
    // Phi(-t) - t phi(t) on the left, one minus that on the right.
    template <class T> static T slope(T x) {
        const NormalTail<T> tail = normal_tail(at_most(magnitude(x), T(Format<T>::normal_bottom)));
        const Pair<T> steep = multiply(tail.divisor, tail.t);
        const Pair<T> less = multiply(steep, Pair<T>{0.3989422804014327, -2.49232720227773e-17});
        const Pair<T> difference = add(tail.mills, negated(less));
        const Pair<T> product = multiply(tail.density.mantissa, difference);
        const T lost = unscaled(total(divide(product, tail.divisor)), tail.density.factor);
        return choose(x > T(0), T(1) - lost, lost);
    }
    // phi(x) (2 - x^2).
    template <class T> static T curvature(T x) {
        const T size = at_most(magnitude(x), T(Format<T>::normal_bottom));
        const Pair<T> square = exact_product(size, size);
        const Scaled<T> density = exp(scale(square, T(-0.5)));
        const T bend = T(0.3989422804014327) * total(add(Pair<T>{T(2), T(0)}, negated(square)));
        return unscaled(total(density.mantissa) * bend, density.factor);
    }
};

// x s(2u), u = sqrt(2 / pi) (x + 0.044715 x^3): the tail of s multiplies the relative error of u by u, so u is a pair.
struct GeluTanh : Swift<swift_gelu_tanh>, Together<GeluTanh> {
    template <class T> static T value(T x) {
        const T size = at_most(magnitude(x), bound<T>);
        return gate(size).gated(x, size);
    }
    template <class T> static T slope(T x) {
        const T size = at_most(magnitude(x), bound<T>);
        const Pair<T> square = scale(exact_product(size, size), T(3));
        return gate(size).gated_slope(x < T(0), multiply(add(linear<T>, multiply(square, cubic<T>)), size));
    }

private:
    template <class T> static constexpr Pair<T> linear = Pair<T>{1.5957691216057308, -9.96930880911092e-17};
    template <class T> static constexpr Pair<T> cubic = Pair<T>{0.07135481627260025, -6.175149918155315e-19};
    template <class T> static constexpr T bound = T(24);

    template <class T> static Logistic<T> gate(T size) {
        return Logistic<T>(multiply(add(linear<T>, multiply(exact_product(size, size), cubic<T>)), size));
    }
};

struct Softplus : Swift<swift_softplus>, Together<Softplus> {
    template <class T> static T value(T x) {
        const Scaled<T> e = exp(-magnitude(x));
        return at_least(x, T(0)) + unscaled(total(log1p_mantissa(e)), e.factor);
    }
    template <class T> static T slope(T x) { return Sigmoid::value(x); }
    template <class T> static T curvature(T x) { return Sigmoid::slope(x); }
};

struct Silu : Swift<swift_silu>, Together<Silu> {
    template <class T> static T value(T x) {
        const T size = at_most(magnitude(x), -T(Format<T>::exp_bottom));
        return Logistic<T>(size).gated(x, size);
    }
    template <class T> static T slope(T x) {
        const T size = at_most(magnitude(x), -T(Format<T>::exp_bottom));
        return Logistic<T>(size).gated_slope(x < T(0), Pair<T>{size, T(0)});
    }
    // s'(x) (2 - x tanh(x / 2)).
    template <class T> static T curvature(T x) {
        const T size = at_most(magnitude(x), -T(Format<T>::exp_bottom));
        return Logistic<T>(size).slope(mul_add(-size, Tanh::value(T(0.5) * size), T(2)));
    }
};

// silu(x) times what it lets through; far left multiplied before it is rounded to a subnormal.
struct Swiglu : Swift<swift_swiglu>, Together<Swiglu> {
    static bool swift_for(float x, float gate) {  // where neither product leaves the range of floats on the way
        return (x > -80.0f) & ((magnitude(x) > 0x1p-60f) | (x == 0.0f)) & (magnitude(gate) < 0x1p16f);
    }
    template <class T> static T value(T x, T gate) {
        const T size = at_most(magnitude(x), -T(Format<T>::exp_bottom));
        const Logistic<T> s(size);
        const T left = -weighted(multiply(s.tail, size), s.factor, Pair<T>{gate, T(0)});
        return choose(x < T(-1), left, x * gate * choose(x < T(0), s.low(), s.high()));
    }
    template <class T> static T slope(T x, T gate) {
        const Pair<T> size = {at_most(magnitude(x), -T(Format<T>::exp_bottom)), T(0)};
        const Logistic<T> s(size);
        const T left = weighted(s.left_slope(size), s.factor, Pair<T>{gate, T(0)});
        return choose(x < T(-1), left, s.gated_slope(x < T(0), size) * gate);
    }
};

// x tanh(softplus(x)) = x n / (n + 2), n = E^2 + 2E with E = exp(x). With e = exp(-|x|) that is n / (n + 2) on the left
// and (1 + 2e) / (1 + 2e + 2e^2) on the right.
template <class T> struct MishGate {
    bool left;
    Scaled<T> e;
    Pair<T> value, double_value, sum, square, top, bottom;

    explicit MishGate(T x) : left(x < T(0)), e(exp(-magnitude(x))), value(value_of(e)) {
        double_value = OGIVE_SET::scale(value, T(2));
        sum = ordered_add(T(2), value);
        square = multiply(value, value);
        top = choose(left, multiply(value, sum), one_plus(double_value));
        bottom = choose(left, ordered_add(T(2), top), add(top, OGIVE_SET::scale(square, T(2))));
    }
};

struct Mish : Together<Mish> {
    // max(x, 0) minus what the gate takes off: |x| n / (n + 2) on the left, x 2e^2 / (1 + 2e + 2e^2) on the right.
    template <class T> static T value(T x) {
        const T size = at_most(magnitude(x), -T(Format<T>::exp_bottom));
        const MishGate<T> gate(x);
        const Pair<T> top = multiply(gate.e.mantissa, choose(gate.left, gate.sum, gate.double_value));
        return at_least(x, T(0)) - unscaled(total(multiply(divide(top, gate.bottom), size)), gate.e.factor);
    }
    template <class T> static T slope(T x) {
        const T inner = bounded(x, -T(Format<T>::exp_bottom));
        const MishGate<T> gate(inner);
        const Pair<T> bent = scale(multiply(one_plus(gate.value), inner), T(4));
        const Pair<T> sum = choose(gate.left, add(multiply(gate.sum, gate.bottom), bent),
                                   add(multiply(gate.top, gate.bottom), multiply(bent, gate.square)));
        const Scaled<T> head = choose(gate.left, gate.e, Pair<T>{T(1), T(0)});
        const Pair<T> quotient = divide(multiply(head.mantissa, sum), multiply(gate.bottom, gate.bottom));
        return unscaled(total(quotient), head.factor);
    }
};

// x and 1 / (1 + |x|), whose square is the slope.
struct Softsign : Together<Softsign> {
    static constexpr bool direct = true;
    template <class T> static T value(T x) {
        const T inner = bounded(x, far<T>);
        const Pair<T> part = share(inner);
        return mul_add(inner, part.high, inner * part.low);
    }
    // The share is raised before it is squared: where the slope is near the smallest normal number, what its rounding
    // left would be lost below it.
    template <class T> static T slope(T x) {
        const Pair<T> part = scale(share(bounded(x, far<T>)), raised<T>);
        return total(multiply(part, part)) * (1 / (raised<T> * raised<T>));
    }

private:
    template <class T> static constexpr T far = sizeof(T) == sizeof(float) ? T(0x1p100) : T(0x1p600);  // flat beyond
    template <class T> static constexpr T raised = sizeof(T) == sizeof(float) ? T(0x1p32) : T(0x1p256);

    template <class T> static Pair<T> share(T x) {
        return divide(Pair<T>{T(1), T(0)}, exact_sum(T(1), magnitude(x)));
    }
};

// Its own slope. In double arithmetic a power of two on the right is lowered on the way, twice as far as exp() raises it.
struct ExponentialFunction : Swift<swift_exp>, Together<ExponentialFunction> {
    template <class T> static T value(T x) {
        using F = Format<T>;
        if constexpr (!compensated<T>) return value_of(exp(at_most(x, T(130)))).high;
        const bool right = x > T(0);
        const Pair<T> lowered = add(Pair<T>{at_most(x, T(720)), T(0)}, Pair<T>{T(-2 * F::lift * F::ln2_high), T(-2 * F::lift * F::ln2_low)});
        const Scaled<T> e = exp(choose(right, lowered, Pair<T>{x, T(0)}));
        return total(e.mantissa) * e.factor * choose(right, T(F::lifted), T(F::lowered));
    }
    template <class T> static T slope(T x) { return value(x); }
    template <class T> static T curvature(T x) { return value(x); }
};

#define OGIVE_ACTIVATIONS(ROW)                                                      \
    ROW(identity, Identity, "x")                                                    \
    ROW(step, Step, "0 below zero, 1 above it, at_zero there")                      \
    ROW(sigmoid, Sigmoid, "1 / (1 + exp(-x))")                                      \
    ROW(logit, Logit, "log(x / (1 - x)), the inverse of sigmoid")                   \
    ROW(hard_sigmoid, HardSigmoid, "x / 6 + 1 / 2, kept in [0, 1]")                 \
    ROW(tanh, Tanh, "the hyperbolic tangent")                                       \
    ROW(relu, Relu, "max(x, 0)")                                                    \
    ROW(leaky_relu, LeakyRelu, "x above zero, negative_slope * x below")            \
    ROW(elu, Elu, "x above zero, alpha * (exp(x) - 1) below")                       \
    ROW(selu, Selu, "elu with the constants that keep activations normalised")     \
    ROW(gelu, Gelu, "x times the normal distribution function of x")                \
    ROW(gelu_tanh, GeluTanh, "gelu with the normal distribution function by tanh")  \
    ROW(softplus, Softplus, "log(1 + exp(x))")                                      \
    ROW(silu, Silu, "x * sigmoid(x)")                                               \
    ROW(swiglu, Swiglu, "silu(x) * gate")                                           \
    ROW(mish, Mish, "x * tanh(softplus(x))")                                        \
    ROW(softsign, Softsign, "x / (1 + |x|)")                                        \
    ROW(exponential, ExponentialFunction, "exp(x)")

}  // namespace OGIVE_SET
