// One struct per activation: its value and its slope. To add one, write the struct and add its row at the end.
//
// NaN goes in and comes out, infinities give the limits, and no step may turn them into 0 * inf or inf - inf:
// arguments are bounded where the function has long become flat.
#pragma once

#include "maths.hpp"

namespace OGIVE_SET {

template <class T> inline T unless_nan(T x, T result) { return x == x ? result : x; }

struct Identity {
    template <class T> static T value(T x) { return x; }
    template <class T> static T slope(T x) { return unless_nan(x, T(1)); }
};

struct Step {
    template <class T> static T value(T x, T at_zero) {
        return x > T(0) ? T(1) : x < T(0) ? T(0) : unless_nan(x, at_zero);
    }
    template <class T> static T slope(T x, T) { return unless_nan(x, T(0)); }
};

// The logistic function as numerator / divisor with e = exp(-|x|): e / (1 + e) on the left, 1 / (1 + e) on the right.
template <class T> struct Logistic {
    Scaled<T> numerator, e;
    Pair<T> e_value, divisor;
    bool left;

    explicit Logistic(Pair<T> x) : left(x.high < T(0)) {
        e = exp(left ? x : negated(x));
        e_value = value_of(e);
        divisor = one_plus(e_value);
        numerator = choose(left, e, Pair<T>{T(1), T(0)});
    }
    explicit Logistic(T x) : Logistic(Pair<T>{x, T(0)}) {}

    // x times the logistic function.
    T times(T x) const { return unscaled(x * total(divide(numerator.mantissa, divisor)), numerator.factor); }
    T value() const { return times(T(1)); }

    // s(x) s(-x): 1 - s(x) would have lost every digit on the right.
    T slope() const { return unscaled(total(divide(e.mantissa, multiply(divisor, divisor))), e.factor); }

    // The slope of x s(u(x)), s + x s'(u) u', with `steepness` = x u'.
    T gated_slope(T steepness) const {
        const T weighted = left ? steepness : steepness * e_value.high;
        const T sum = total(divisor) + weighted;
        return unscaled(numerator.mantissa.high * (sum / (divisor.high * divisor.high)), numerator.factor);
    }
};

template <class T> inline T bounded(T x, T bound) { return at_most(at_least(x, -bound), bound); }

struct Sigmoid {
    template <class T> static T value(T x) { return Logistic<T>(x).value(); }
    template <class T> static T slope(T x) { return Logistic<T>(x).slope(); }
};

struct Logit {
    template <class T> static T value(T x) {
        const bool inside = x > T(0) && x < T(1);
        const T p = inside ? x : T(0.5);
        const T outside = x == T(0) ? -Format<T>::infinity : x == T(1) ? Format<T>::infinity : Format<T>::nan;
        return inside ? total(log_ratio(Pair<T>{p, T(0)}, ordered_sum(T(1), -p))) : outside;
    }
    template <class T> static T slope(T x) {
        const T result = (T(1) / x) / (T(1) - x);
        return x == T(0) || x == T(1) ? Format<T>::infinity : x > T(0) && x < T(1) ? result : Format<T>::nan;
    }
};

struct HardSigmoid {
    template <class T> static T value(T x) { return at_most(at_least(x + T(3), T(0)), T(6)) / T(6); }
    template <class T> static T slope(T x) { return unless_nan(x, magnitude(x) < T(3) ? T(1) / T(6) : T(0)); }
};

struct Tanh {
    template <class T> static T value(T x) {
        const Pair<T> e = expm1(T(-2) * magnitude(x));
        return with_sign_of(magnitude(total(divide(e, ordered_add(T(2), e)))), x);
    }
    template <class T> static T slope(T x) { return T(4) * Logistic<T>(T(2) * x).slope(); }
};

struct Relu {
    template <class T> static T value(T x) { return at_least(x, T(0)); }
    template <class T> static T slope(T x) { return unless_nan(x, x > T(0) ? T(1) : T(0)); }
};

struct LeakyRelu {
    template <class T> static T value(T x, T negative_slope) { return x > T(0) ? x : negative_slope * x; }
    template <class T> static T slope(T x, T negative_slope) {
        return unless_nan(x, x > T(0) ? T(1) : negative_slope);
    }
};

// weight * expm1(x) on the left and weight * exp(x) for its slope, the weight a pair.
template <class T> inline T weighted_expm1(Pair<T> weight, T x) { return total(multiply(expm1(at_most(x, T(0))), weight)); }

template <class T> inline T weighted_exp(Pair<T> weight, T x) {
    const Scaled<T> e = exp(at_most(x, T(0)));
    return unscaled(total(multiply(e.mantissa, weight)), e.factor);
}

struct Elu {
    template <class T> static T value(T x, T alpha) { return x >= T(0) ? x : weighted_expm1(Pair<T>{alpha, T(0)}, x); }
    template <class T> static T slope(T x, T alpha) { return x > T(0) ? T(1) : weighted_exp(Pair<T>{alpha, T(0)}, x); }
};

// A constant of twice the precision, given in double.
template <class T> constexpr Pair<T> constant(double high, double low) {
    return {T(high), sizeof(T) == sizeof(double) ? T(low) : T(high - double(T(high)))};
}

struct Selu {
    template <class T> static constexpr Pair<T> scale = constant<T>(1.0507009873554805, 3.9874847667154144e-17);
    template <class T> static constexpr Pair<T> scale_alpha = constant<T>(1.7580993408473768, 1.41535193800845e-17);

    template <class T> static T value(T x) {
        return x >= T(0) ? mul_add(scale<T>.high, x, scale<T>.low * x) : weighted_expm1(scale_alpha<T>, x);
    }
    template <class T> static T slope(T x) { return x > T(0) ? scale<T>.high : weighted_exp(scale_alpha<T>, x); }
};

struct Gelu {
    // Beyond it the lower tail times t is zero.
    template <class T> static constexpr T bound = sizeof(T) == 4 ? T(14.5) : T(39);

    template <class T> static T value(T x) {
        const NormalTail<T> tail = normal_tail(at_most(magnitude(x), bound<T>));
        const Pair<T> product = multiply(multiply(tail.density.mantissa, tail.t), tail.mills);
        const T lost = unscaled(total(divide(product, tail.divisor)), tail.density.factor);
        return at_least(x, T(0)) - lost;
    }
    // Phi(-t) - t phi(t) on the left, one minus that on the right.
    template <class T> static T slope(T x) {
        const NormalTail<T> tail = normal_tail(at_most(magnitude(x), bound<T>));
        const Pair<T> steep = multiply(tail.divisor, tail.t);
        const Pair<T> less = multiply(steep, constant<T>(0.3989422804014327, -2.49232720227773e-17));
        const Pair<T> difference = add(Pair<T>{tail.mills, T(0)}, negated(less));
        const Pair<T> product = multiply(tail.density.mantissa, difference);
        const T lost = unscaled(total(divide(product, tail.divisor)), tail.density.factor);
        return x > T(0) ? T(1) - lost : lost;
    }
};

// x s(2u), u = sqrt(2 / pi) (x + 0.044715 x^3): the tail of s multiplies the relative error of u by u, so u is a pair.
struct GeluTanh {
    template <class T> static constexpr Pair<T> linear = constant<T>(1.5957691216057308, -9.96930880911092e-17);
    template <class T> static constexpr Pair<T> cubic = constant<T>(0.07135481627260025, -6.175149918155315e-19);
    template <class T> static constexpr T bound = sizeof(T) == 4 ? T(12) : T(24);

    template <class T> static Logistic<T> gate(T x) {
        const Pair<T> factor = add(linear<T>, multiply(exact_product(x, x), cubic<T>));
        return Logistic<T>(multiply(factor, x));
    }
    template <class T> static T value(T x) { return gate(bounded(x, bound<T>)).times(at_least(x, -bound<T>)); }
    template <class T> static T slope(T x) {
        const T inner = bounded(x, bound<T>);
        const T steepness = inner * mul_add(T(3) * cubic<T>.high, inner * inner, linear<T>.high);
        return gate(inner).gated_slope(steepness);
    }
};

struct Softplus {
    template <class T> static T value(T x) {
        const Scaled<T> e = exp(-magnitude(x));
        return at_least(x, T(0)) + unscaled(total(log1p_mantissa(e)), e.factor);
    }
    template <class T> static T slope(T x) { return Sigmoid::value(x); }
};

struct Silu {
    template <class T> static T value(T x) { return Logistic<T>(x).times(at_least(x, Format<T>::exp_bottom)); }
    template <class T> static T slope(T x) {
        const T inner = bounded(x, -Format<T>::exp_bottom);
        return Logistic<T>(inner).gated_slope(inner);
    }
};

// x tanh(softplus(x)) = x n / (n + 2) with n = exp(2x) + 2 exp(x), multiplied by exp(-2x) on the right.
struct Mish {
    template <class T> static T value(T x) {
        const Scaled<T> e = exp(-magnitude(x));
        const Pair<T> v = value_of(e);
        const bool left = x < T(0);
        const Pair<T> sum = ordered_add(T(2), v);                      // 2 + e
        const Pair<T> part = multiply(v, sum);                         // e^2 + 2e
        const Pair<T> right_top = ordered_add(T(1), scale(v, T(2)));   // 1 + 2e
        const Pair<T> square = multiply(v, v);
        const Pair<T> bottom = choose(left, ordered_add(T(2), part), add(right_top, scale(square, T(2))));
        const Scaled<T> top = choose(left, Scaled<T>{multiply(e.mantissa, sum), e.factor}, right_top);
        return unscaled(at_least(x, Format<T>::exp_bottom) * total(divide(top.mantissa, bottom)), top.factor);
    }
    template <class T> static T slope(T x) {
        const T inner = bounded(x, -Format<T>::exp_bottom);
        const bool left = x < T(0);
        const Scaled<T> e = exp(-magnitude(inner));
        const T v = value_of(e).high;
        const T top = left ? mul_add(v, v + T(2), T(0)) : mul_add(T(2), v, T(1));
        const T bottom = left ? top + T(2) : mul_add(T(2) * v, v, top);
        const T bent = T(4) * inner * (v + T(1));
        const T sum = left ? mul_add(v + T(2), bottom, bent) : mul_add(top, bottom, bent * v * v);
        const Scaled<T> head = choose(left, e, Pair<T>{T(1), T(0)});
        return unscaled(head.mantissa.high * (sum / (bottom * bottom)), head.factor);
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
    ROW(mish, Mish, "x * tanh(softplus(x))")

}  // namespace OGIVE_SET
