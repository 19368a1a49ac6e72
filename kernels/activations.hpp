// One struct per activation: its value and its slope. To add one, write the struct and add its row at the end.
//
// NaN goes in and comes out, infinities give the limits, and no step may turn them into 0 * inf or inf - inf:
// arguments are bounded where the function has long become flat.
//
// T is double, or Wide when the data are float; a struct marked `direct` rounds too little to need that, and one with
// `swift` has a faster value for float.
#pragma once

#include "swift.hpp"

namespace OGIVE_SET {

template <class T> inline T unless_nan(T x, T result) { return choose(x == x, result, x); }

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

// The logistic function s with e = exp(-|x|): its lower tail e / (1 + e), and 1 minus that on the right.
template <class T> struct Logistic {
    Scaled<T> e;
    Pair<T> e_value, divisor;
    bool left;

    explicit Logistic(Pair<T> x) : left(x.high < T(0)) {
        e = exp(choose(left, x, negated(x)));
        e_value = value_of(e);
        divisor = one_plus(e_value);
    }
    explicit Logistic(T x) : Logistic(Pair<T>{x, T(0)}) {}

    T value() const {
        const T tail = unscaled(total(divide(e.mantissa, divisor)), e.factor);
        return choose(left, tail, T(1) - tail);
    }

    // x times the logistic function, with `size` = |x|, bounded: max(x, 0) loses size times the tail.
    T gated(T x, T size) const {
        const T lost = total(multiply(divide(e.mantissa, divisor), size));
        return at_least(x, T(0)) - unscaled(lost, e.factor);
    }

    // s(x) s(-x): 1 - s(x) would have lost every digit on the right.
    T slope() const { return unscaled(total(divide(e.mantissa, multiply(divisor, divisor))), e.factor); }

    // The slope of x s(u(x)), s + x s'(u) u', with `steepness` = x u'.
    T gated_slope(Pair<T> steepness) const {
        const Pair<T> weighted = choose(left, steepness, multiply(steepness, e_value));
        const Scaled<T> head = choose(left, e, Pair<T>{T(1), T(0)});
        const Pair<T> top = multiply(head.mantissa, add(divisor, weighted));
        return unscaled(total(divide(top, multiply(divisor, divisor))), head.factor);
    }
};

template <class T> inline T bounded(T x, T bound) { return at_most(at_least(x, -bound), bound); }

struct Sigmoid {
    static float swift(float x) { return swift_sigmoid(x); }
    template <class T> static T value(T x) { return Logistic<T>(x).value(); }
    template <class T> static T slope(T x) { return Logistic<T>(x).slope(); }
};

struct Logit {
    template <class T> static T value(T x) {
        const T infinity = T(Format<T>::infinity), nan = T(Format<T>::nan);
        const T inside = total(log_ratio(Pair<T>{x, T(0)}, ordered_sum(T(1), -x)));
        const T upper = choose(x < T(1), inside, choose(x == T(1), infinity, nan));
        return choose(x > T(0), upper, choose(x == T(0), -infinity, nan));
    }
    template <class T> static T slope(T x) {
        const T result = (T(1) / x) / (T(1) - x);
        return choose(x >= T(0) && x <= T(1), magnitude(result), T(Format<T>::nan));
    }
};

struct HardSigmoid {
    static constexpr bool direct = true;
    template <class T> static T value(T x) { return at_most(at_least(x + T(3), T(0)), T(6)) / T(6); }
    template <class T> static T slope(T x) { return unless_nan(x, choose(magnitude(x) < T(3), T(1) / T(6), T(0))); }
};

struct Tanh {
    template <class T> static T value(T x) {
        const Pair<T> e = expm1(T(-2) * magnitude(x));
        return with_sign_of(magnitude(total(divide(e, ordered_add(T(2), e)))), x);
    }
    template <class T> static T slope(T x) { return T(4) * Logistic<T>(T(2) * x).slope(); }
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
    return unscaled(total(multiply(e.mantissa, weight)), e.factor);
}

struct Elu {
    static float swift(float x, float alpha) { return swift_elu(x, {alpha, 0.0f}, x); }
    template <class T> static T value(T x, T alpha) {
        return choose(x >= T(0), x, weighted_expm1(Pair<T>{alpha, T(0)}, x));
    }
    template <class T> static T slope(T x, T alpha) {
        return choose(x > T(0), T(1), weighted_exp(Pair<T>{alpha, T(0)}, x));
    }
};

struct Selu {
    static constexpr double scale = 1.0507009873554805;
    template <class T> static constexpr Pair<T> scale_alpha = Pair<T>{1.7580993408473768, 1.41535193800845e-17};

    // scale * x, the fraction apart: its rounding is small beside x, and infinity stays.
    template <class T> static T above(T x) { return mul_add(x, T(0.05070098735548049), x); }

    static float swift(float x) {
        return swift_elu(x, {0x1.c212ccp+0f, 0x1.903c0cp-26f}, above(x));
    }
    template <class T> static T value(T x) {
        return choose(x >= T(0), above(x), weighted_expm1(scale_alpha<T>, x));
    }
    template <class T> static T slope(T x) { return choose(x > T(0), T(scale), weighted_exp(scale_alpha<T>, x)); }
};

struct Gelu {
    static float swift(float x) { return swift_gelu(x); }
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
};

// x s(2u), u = sqrt(2 / pi) (x + 0.044715 x^3): the tail of s multiplies the relative error of u by u, so u is a pair.
struct GeluTanh {
    template <class T> static constexpr Pair<T> linear = Pair<T>{1.5957691216057308, -9.96930880911092e-17};
    template <class T> static constexpr Pair<T> cubic = Pair<T>{0.07135481627260025, -6.175149918155315e-19};
    template <class T> static constexpr T bound = T(24);

    template <class T> static Logistic<T> gate(T x) {
        const Pair<T> factor = add(linear<T>, multiply(exact_product(x, x), cubic<T>));
        return Logistic<T>(multiply(factor, x));
    }
    template <class T> static T value(T x) {
        const T inner = bounded(x, bound<T>);
        return gate(inner).gated(x, magnitude(inner));
    }
    template <class T> static T slope(T x) {
        const T inner = bounded(x, bound<T>);
        const Pair<T> square = scale(exact_product(inner, inner), T(3));
        const Pair<T> steepness = multiply(add(linear<T>, multiply(square, cubic<T>)), inner);
        return gate(inner).gated_slope(steepness);
    }
};

struct Softplus {
    static float swift(float x) { return swift_softplus(x); }
    template <class T> static T value(T x) {
        const Scaled<T> e = exp(-magnitude(x));
        return at_least(x, T(0)) + unscaled(total(log1p_mantissa(e)), e.factor);
    }
    template <class T> static T slope(T x) { return Sigmoid::value(x); }
};

struct Silu {
    static float swift(float x) { return swift_silu(x); }
    template <class T> static T value(T x) {
        return Logistic<T>(x).gated(x, magnitude(bounded(x, -T(Format<T>::exp_bottom))));
    }
    template <class T> static T slope(T x) {
        const T inner = bounded(x, -T(Format<T>::exp_bottom));
        return Logistic<T>(inner).gated_slope(Pair<T>{inner, T(0)});
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

struct Mish {
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

// Beyond 1 by the inverse of x, which gives the limit at infinity too.
struct Softsign {
    static constexpr bool direct = true;
    template <class T> static T value(T x) {
        const T size = magnitude(x), far = choose(x > T(0), T(1), T(-1)) / (T(1) + T(1) / size);
        return choose(size > T(1), far, x / (T(1) + size));
    }
    template <class T> static T slope(T x) {
        const T share = T(1) / (T(1) + magnitude(x));
        return share * share;
    }
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
    ROW(mish, Mish, "x * tanh(softplus(x))")                                        \
    ROW(softsign, Softsign, "x / (1 + |x|)")

}  // namespace OGIVE_SET
