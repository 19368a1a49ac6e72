// One struct per loss of real-valued predictions that outliers pull at less: value, and slope by the prediction.
// To add one, write the struct and add its row at the end.
#pragma once

#include "residual.hpp"

namespace OGIVE_SET {

struct Huber {
    template <class T> static T value(T prediction, T target, T delta) {
        const Residual<T> e(prediction, target);
        const Pair<T> inner = choose(e.size.high > delta, exactly(delta), e.size);
        return e.unbroken(rounded(multiply(add(e.size, scale(inner, T(-0.5))), inner)));
    }
    template <class T> static T slope(T prediction, T target, T delta) {
        const T gap = prediction - target;
        return signed_as(at_most(magnitude(gap), delta), gap);
    }
    template <class T> static T beyond(T prediction, T target, T delta) { return at_price(delta, prediction, target); }
    static float swift_slope(float prediction, float target, float delta) { return slope(prediction, target, delta); }
};

struct SmoothL1 {
    template <class T> static T value(T prediction, T target, T beta) {
        const Residual<T> e(prediction, target);
        const Share<T> share(e.size, beta);
        const Pair<T> inside = multiply(share.of_beta, scale(e.size, T(0.5)));
        const Pair<T> outside = add(e.size, exactly(T(-0.5) * beta));
        return e.unbroken(rounded(choose(share.outside, outside, inside)));
    }
    template <class T> static T slope(T prediction, T target, T beta) {
        const Residual<T> e(prediction, target);
        const Share<T> share(e.size, beta);
        return e.unbroken(e.with_sign(choose(share.outside, T(1), total(share.of_beta))), e.with_sign(T(1)));
    }

private:
    template <class T> struct Share {
        bool outside;
        Pair<T> of_beta;

        Share(Pair<T> size, T beta) : outside(size.high >= beta) {
            if constexpr (!compensated<T>) {
                of_beta.high = size.high / beta;
                return;
            }
            const T lift = choose(beta < T(Format<T>::lowered), T(Format<T>::lifted), T(1));
            of_beta = divide(scale(choose(outside, exactly(T(1)), size), lift), exactly(choose(outside, T(1), beta * lift)));
        }
    };
};

// delta^2 (sqrt(1 + (e / delta)^2) - 1) = small |e| / (fade + sqrt(1 + ratio^2)).
struct PseudoHuber : Paired<PseudoHuber> {
    static constexpr bool direct = true;
    template <class T> static Results<T> both(T prediction, T target, T delta) {
        const Residual<T> e(prediction, target);
        const Bend<T> bend(e.size, delta);
        const Pair<T> root = square_root(bend.whole()), part = divide(e.size, add(bend.fade(), root));
        return {e.otherwise(rounded(multiply(bend.small, part))),
                e.signed_slope(total(divide(bend.small, root)), delta)};
    }
    template <class T> static T beyond(T prediction, T target, T delta) { return at_price(delta, prediction, target); }
};

// log(1 + w) with w = cosh(e) - 1 = m^2 / (2 (1 + m)), m = exp(|e|) - 1; far out |e| - log 2. The slope is m (m + 2) / (m (m + 2) + 2).
struct LogCosh : Paired<LogCosh> {
    static Results<double> both(double prediction, double target) {
        using T = double;
        const Residual<T> e(prediction, target);
        const bool far = e.size.high > T(30);
        const Pair<T> m = expm1(choose(far, exactly(T(30)), e.size));
        const Pair<T> w = multiply(m, divide(m, scale(one_plus(m), T(2))));
        const Pair<T> beyond = add(e.size, {T(-Format<T>::ln2_high), T(-Format<T>::ln2_low)});
        const Pair<T> twice = multiply(m, add(m, exactly(T(2))));
        const Pair<T> tanh = divide(twice, add(twice, exactly(T(2))));
        return {e.otherwise(total(choose(far, beyond, log1p(w)))), e.signed_slope(total(tanh), T(1))};
    }
    // Near 0 twice atanh(tanh(e / 2)^2), else |e| - log 2 + log(1 + E^2) = |e| - log 2 + twice atanh(E^2 / (2 + E^2)), E = exp(-|e|).
    static Results<Wide> both(Wide prediction, Wide target) {
        using T = Wide;
        const T gap = prediction - target, size = magnitude(gap);
        const Exponential<T> e = exponential<T, Coefficients<double>>(exactly(-size));
        const T power = mul_add(e.excess.high, e.factor, e.factor), square = power * power, one = T(1) + square;
        const T less = choose(size < T(0.34375), -e.excess.high, T(1) - power), more = T(1) + power;
        const bool near = size < T(1.25);
        const T top = choose(near, less * less, square), bottom = choose(near, more * more, T(2) + square);
        const T reciprocal = T(1) / (bottom * one);
        const T logarithm = twice_atanh(exactly(top * one * reciprocal)).high;
        return {choose(near, logarithm, (size - T(Format<T>::ln2_high)) + logarithm), signed_as(less * more * (bottom * reciprocal), gap)};
    }
};

struct EpsilonInsensitive {
    template <class T> static T value(T prediction, T target, T epsilon) {
        const Residual<T> e(prediction, target);
        return e.otherwise(at_least(total(add(e.size, exactly(-epsilon))), T(0)));
    }
    template <class T> static T slope(T prediction, T target, T epsilon) {
        const Residual<T> e(prediction, target);
        return e.signed_slope(choose(total(add(e.size, exactly(-epsilon))) > T(0), T(1), T(0)), T(1));
    }
};

struct SquaredEpsilonInsensitive {
    template <class T> static T value(T prediction, T target, T epsilon) {
        const Residual<T> e(prediction, target);
        const Pair<T> beyond = add(e.size, exactly(-epsilon));
        return e.otherwise(choose(beyond.high > T(0), rounded(multiply(beyond, beyond)), T(0)));
    }
    template <class T> static T slope(T prediction, T target, T epsilon) {
        const Residual<T> e(prediction, target);
        return e.signed_slope(T(2) * at_least(total(add(e.size, exactly(-epsilon))), T(0)));
    }
};

struct Expectile {
    template <class T> static T value(T prediction, T target, T expectile) {
        const Residual<T> e(prediction, target);
        return e.otherwise(rounded(multiply(multiply(e.size, weight(e.gap, expectile)), e.size)));
    }
    template <class T> static T slope(T prediction, T target, T expectile) {
        const Residual<T> e(prediction, target);
        return e.signed_slope(T(2) * total(multiply(e.size, weight(e.gap, expectile))));
    }

private:
    template <class T> static Pair<T> weight(T gap, T expectile) {
        return choose(gap > T(0), ordered_sum(T(1), -expectile), exactly(expectile));
    }
};

// scale^2 / 2 log(1 + (e / scale)^2).
struct Cauchy : Paired<Cauchy> {
    template <class T> static Results<T> both(T prediction, T target, T scale) {
        const T down = lowering(prediction, target), up = raising(down);
        const Results<T> lowered = within_reach(prediction * down, target * down, scale * down, up);
        return {up * up * lowered.value, lowered.slope};
    }

private:
    // The slope is raised again before it is rounded, for it may be subnormal.
    template <class T> static Results<T> within_reach(T prediction, T target, T scale_at, T up) {
        const Residual<T> e(prediction, target);
        const Bend<T> bend(e.size, scale_at);
        const Pair<T> large = choose(bend.far, e.size, exactly(scale_at));
        const Pair<T> half = add(scale(log1p(bend.square), T(0.5)), log_ratio(large, exactly(scale_at)));
        const Pair<T> cost = choose(bend.faint(), half_square(e.size), multiply(multiply(half, scale_at), scale_at));
        const Pair<T> pull = divide(multiply(bend.small, scale(bend.fade(), up)), bend.whole());
        return {e.otherwise(rounded(cost)), e.signed_slope(total(pull), T(0))};
    }
};

// e^2 / 2 / (1 + (e / scale)^2).
struct GemanMcclure : Paired<GemanMcclure> {
    static constexpr bool direct = true;
    template <class T> static Results<T> both(T prediction, T target, T scale_at) {
        const Residual<T> e(prediction, target);
        const Bend<T> bend(e.size, scale_at);
        const Pair<T> whole = bend.whole(), fade = divide(bend.fade(), whole);
        const Pair<T> limit = half_square(exactly(scale_at));
        return {e.otherwise(rounded(multiply(bend.small, divide(scale(bend.small, T(0.5)), whole))), rounded(limit)),
                e.signed_slope(total(multiply(multiply(bend.small, multiply(fade, fade)), bend.fade())), T(0))};
    }
};

// scale^2 / 2 (1 - exp(-(e / scale)^2)).
struct Welsch : Paired<Welsch> {
    template <class T> static Results<T> both(T prediction, T target, T scale_at) {
        const Residual<T> e(prediction, target);
        const Pair<T> limit = half_square(exactly(scale_at));
        const bool out = e.size.high > T(32) * scale_at;
        const Pair<T> size = choose(out, exactly(T(32) * scale_at), e.size);
        const T lift = choose(scale_at < T(Format<T>::lowered), T(Format<T>::lifted), T(1));
        const Pair<T> ratio = divide(scale(size, lift), exactly(scale_at * lift)), square = multiply(ratio, ratio);
        const Pair<T> inner = multiply(multiply(scale(expm1(negated(square)), T(-0.5)), scale_at), scale_at);
        const bool faint = ratio.high < T(0x1p-60);
        const Scaled<T> fade = exp(negated(square));
        return {e.otherwise(rounded(choose(faint, half_square(e.size), choose(out, limit, inner))), rounded(limit)),
                e.signed_slope(choose(out, T(0), weighted(fade.mantissa, fade.factor, size)), T(0))};
    }
};

// e^2 (3 - q (3 - q)) / 6 with q = (e / scale)^2 up to the scale, scale^2 / 6 beyond; 1 - q from scale - |e|.
struct TukeyBiweight : Paired<TukeyBiweight> {
    template <class T> static Results<T> both(T prediction, T target, T scale_at) {
        const Residual<T> e(prediction, target);
        const T lift = choose(scale_at < T(Format<T>::lowered), T(Format<T>::lifted), T(1));
        const Pair<T> room = add(exactly(scale_at), negated(e.size));
        const bool inside = room.high > T(0);
        const Pair<T> size = choose(inside, e.size, exactly(scale_at)), unit = exactly(scale_at * lift);
        const Pair<T> ratio = divide(scale(size, lift), unit), square = multiply(ratio, ratio);
        const Pair<T> bend = add(exactly(T(3)), negated(multiply(square, add(exactly(T(3)), negated(square)))));
        const Pair<T> cost = multiply(multiply(scale(size, T(0.5)), divide(bend, exactly(T(3)))), size);
        const Pair<T> left = multiply(divide(scale(room, lift), unit), one_plus(ratio));
        return {e.otherwise(rounded(cost), scale_at * scale_at / T(6)),
                e.signed_slope(choose(inside, total(multiply(multiply(size, left), left)), T(0)), T(0))};
    }
};

#define OGIVE_ROBUST(ROW)                                                                                         \
    ROW(huber, Huber, "half the squared error, linear beyond delta")                                              \
    ROW(smooth_l1, SmoothL1, "the absolute error, rounded off inside beta")                                       \
    ROW(pseudo_huber, PseudoHuber, "delta^2 (sqrt(1 + (error / delta)^2) - 1)")                                   \
    ROW(log_cosh, LogCosh, "log(cosh(prediction - target))")                                                      \
    ROW(epsilon_insensitive, EpsilonInsensitive, "max(0, |prediction - target| - epsilon)")                       \
    ROW(squared_epsilon_insensitive, SquaredEpsilonInsensitive, "max(0, |prediction - target| - epsilon)^2")      \
    ROW(expectile, Expectile, "squared errors, weighted by their sign")                                           \
    ROW(cauchy, Cauchy, "scale^2 / 2 log(1 + (error / scale)^2)")                                                 \
    ROW(geman_mcclure, GemanMcclure, "error^2 / 2 / (1 + (error / scale)^2)")                                     \
    ROW(welsch, Welsch, "scale^2 / 2 (1 - exp(-(error / scale)^2))")                                              \
    ROW(tukey_biweight, TukeyBiweight, "Tukey's biweight")

}  // namespace OGIVE_SET
