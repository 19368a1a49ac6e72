// One struct per loss of two classes by the margin m of a score x: it costs h(x) for class 1 and h(-x) for class 0, and for a
// target between them, the share t of class 1, the mean t h(x) + (1 - t) h(-x).
#pragma once

#include "losses.hpp"

namespace OGIVE_SET {

// t one + (1 - t) zero, rounded once; what has no share may be infinite, and a sum that overflows is infinite.
template <class T> inline T shared(T t, Pair<T> one, Pair<T> zero) {
    const Pair<T> miss = ordered_sum(T(1), -t), nothing = {T(0), T(0)};
    const Pair<T> hit = choose(t == T(0) && one.high == one.high, nothing, one);
    const Pair<T> missed = choose(miss.high == T(0) && zero.high == zero.high, nothing, zero);
    const T plain = t * hit.high + miss.high * missed.high;
    const T result = total(add(multiply(hit, t), multiply(missed, miss)));
    return choose(plain - plain == T(0), result, plain);
}

template <class T> inline Pair<T> single(T x) { return {x, {}}; }

// What is missing to a margin of 1.
template <class T> inline Pair<T> missing(T m) {
    const Pair<T> gap = difference(T(1), m);
    return choose(gap.high <= T(0), single(T(0)), gap);
}

// A struct whose `cost` and `steepness` are pairs, as a loss. Pieces of lines and parabolas are computed in float as they are.
template <class Cost> struct OfMargins {
    template <class T> static T value(T x, T t) { return shared(t, Cost::cost(x), Cost::cost(-x)); }
    template <class T> static T slope(T x, T t) { return shared(t, Cost::steepness(x), negated(Cost::steepness(-x))); }
};

template <class Cost> struct Pieces : OfMargins<Cost> {
    static constexpr bool direct = true;

    // Where the class is certain only one side costs, and nothing cancels.
    static bool swift_for(float, float t) { return (t == 0.0f) | (t == 1.0f); }
    static float swift(float x, float t) { return total(Cost::cost(side(t) * x)); }
    static float swift_slope(float x, float t) { return side(t) * total(Cost::steepness(side(t) * x)); }

private:
    static float side(float t) { return choose(t > 0.0f, 1.0f, -1.0f); }
};

struct Hinge {
    template <class T> static T value(T x, T t) {
        if constexpr (compensated<T>) return shared(t, missing(x), missing(-x));
        const T beyond = T(0x1p900);  // every float, but nothing without a share
        return mul_add(t, at_most(missing(x).high, beyond), (T(1) - t) * at_most(missing(-x).high, beyond));
    }
    template <class T> static T slope(T x, T t) {
        const bool hit = x < T(1), miss = x > T(-1);
        const T inside = mul_add(T(-2), t, T(1));
        return choose(hit, choose(miss, inside, -t), choose(miss, T(1) - t, x));
    }
    static float swift(float x, float t) {
        const float hit = at_least(1.0f - x, 0.0f), miss = at_least(1.0f + x, 0.0f);
        return choose(t == 0.0f, miss, mul_add(t, hit, choose(t == 1.0f, 0.0f, (1.0f - t) * miss)));
    }
    static float swift_slope(float x, float t) { return slope(x, t); }
};

// Far out the root of the cost is lowered, so that a share of it may come back from beyond the largest number.
struct SquaredHinge {
    static constexpr bool direct = true;
    template <class T> static T value(T x, T t) {
        const T down = choose(magnitude(x) > T(0x1p50), T(0x1p-60), T(1)), up = T(1) / down;
        return shared(t, cost(x, down), cost(-x, down)) * up * up;
    }
    template <class T> static T slope(T x, T t) { return T(2) * shared(t, negated(missing(x)), missing(-x)); }

private:
    template <class T> static Pair<T> cost(T m, T down) {
        const Pair<T> lowered = scale(missing(m), down), square = multiply(lowered, lowered);
        return choose(square.high - square.high == T(0), square, single(square.high));
    }
};

struct PerceptronCost {
    template <class T> static Pair<T> cost(T m) { return single(choose(m >= T(0), T(0), -m)); }
    template <class T> static Pair<T> steepness(T m) { return single(unless_nan(m, choose(m < T(0), T(-1), T(0)))); }
};
struct Perceptron : Pieces<PerceptronCost> {};

// (1 - m)^2 / 4 between -1 and 1, and the line -m below.
struct HuberCost {
    template <class T> static Pair<T> cost(T m) {
        const Pair<T> gap = missing(at_least(m, T(-1)));
        return choose(m < T(-1), single(-m), scale(multiply(gap, gap), T(0.25)));
    }
    template <class T> static Pair<T> steepness(T m) { return scale(missing(at_least(m, T(-1))), T(-0.5)); }
};
struct BinarySparsemax : Pieces<HuberCost> {};

struct ModifiedHuber {
    static constexpr bool direct = true;
    template <class T> static T value(T x, T t) { return T(4) * BinarySparsemax::value(x, t); }
    template <class T> static T slope(T x, T t) { return T(4) * BinarySparsemax::slope(x, t); }
};

struct UnhingedCost {
    template <class T> static Pair<T> cost(T m) { return difference(T(1), m); }
    template <class T> static Pair<T> steepness(T m) { return single(unless_nan(m, T(-1))); }
};
struct Unhinged : Pieces<UnhingedCost> {};

struct RampCost {
    template <class T> static Pair<T> cost(T m) { return scale(missing(at_least(m, T(-1))), T(0.5)); }
    template <class T> static Pair<T> steepness(T m) {
        return single(unless_nan(m, choose(magnitude(m) < T(1), T(-0.5), T(0))));
    }
};
struct RampLoss : Pieces<RampCost> {};

// The growing side is one over the fading one. Far out both are lowered, so that a share of what grows may come back from
// beyond the largest number; what fades does not count beside it.
struct ExponentialLoss : Together<ExponentialLoss> {
    template <class T> static T value(T x, T t) {
        const Sides<T> e(x, t);
        return shared(t, e.of(x < T(0)), e.of(x > T(0))) * e.up;
    }
    template <class T> static T slope(T x, T t) {
        const Sides<T> e(x, t);
        return shared(t, negated(e.of(x < T(0))), e.of(x > T(0))) * e.up;
    }

private:
    template <class T> struct Sides {
        Pair<T> fades, grows;
        T up;

        Sides(T x, T t) {
            const T size = magnitude(x), down = choose(size > T(600) && t > T(0) && t < T(1), T(0x1p-200), T(1));
            const Scaled<T> e = exp(-size);
            const Pair<T> over = scale(scale(divide(single(T(1)), e.mantissa), T(1) / e.factor), T(Format<T>::lifted) * down);
            fades = scale(value_of(e), down);
            grows = choose(over.high - over.high == T(0), over, single(over.high));
            up = T(1) / down;
        }
        Pair<T> of(bool growing) const { return choose(growing, grows, fades); }
    };
};

// The chances that a score gives to its own class and to the other.
template <class T> struct Chances {
    Pair<T> own, other;

    explicit Chances(T x) {
        const Logistic<T> s(magnitude(x));
        const Pair<T> low = value_of(Scaled<T>{s.tail, s.factor}), high = s.rest();
        own = choose(x < T(0), low, high);
        other = choose(x < T(0), high, low);
    }
};

struct SigmoidLossCost {
    template <class T> static Pair<T> cost(T m) { return Chances<T>(m).other; }
    template <class T> static Pair<T> steepness(T m) {
        const Chances<T> p(m);
        return negated(multiply(p.own, p.other));
    }
};
using SigmoidLoss = OfMargins<SigmoidLossCost>;

struct SavageCost {
    template <class T> static Pair<T> cost(T m) {
        const Pair<T> wrong = Chances<T>(m).other;
        return multiply(wrong, wrong);
    }
    template <class T> static Pair<T> steepness(T m) {
        const Chances<T> p(m);
        return scale(multiply(multiply(p.own, p.other), p.other), T(-2));
    }
};
using Savage = OfMargins<SavageCost>;

struct ZeroOne {
    static constexpr bool direct = true;
    template <class T> static T value(T x, T t, T threshold) {
        return unless_nan(x, choose(x > threshold, T(1) - t, t));
    }
    template <class T> static T slope(T x, T t, T) { return unless_nan(x, unless_nan(t, T(0))); }
};

// (p - t)^2 for the probability p of a logit, with p - t = (1 - t) p - t (1 - p).
struct BrierLogits {
    template <class T> static T value(T x, T t) {
        const Pair<T> gap = beside(Chances<T>(x), t);
        return total(multiply(gap, gap));
    }
    template <class T> static T slope(T x, T t) {
        return Logistic<T>(magnitude(x)).slope(scale(beside(Chances<T>(x), t), T(2)));
    }

private:
    template <class T> static Pair<T> beside(const Chances<T>& p, T t) {
        return add(multiply(p.own, ordered_sum(T(1), -t)), negated(multiply(p.other, t)));
    }
};

// Focal loss from a probability p: class 1 costs alpha (1 - p)^gamma (-log p), class 0 the same of 1 - p with 1 - alpha.
struct FocalProbabilities {
    template <class T> static T value(T p, T t, T alpha, T gamma) {
        const bool inside = p > T(0) && p < T(1);
        const Terms<T> terms(choose(inside, p, T(0.5)), gamma);
        const T hit = alpha * t, miss = (T(1) - alpha) * (T(1) - t), infinity = T(Format<T>::infinity);
        const T low = choose(p == T(0), product_or_zero(hit, infinity), T(Format<T>::nan));
        const T end = choose(p == T(1), product_or_zero(miss, infinity), low);
        const Pair<T> one = multiply(terms.weight_one, terms.cost_one), zero = multiply(terms.weight_zero, terms.cost_zero);
        return choose(inside, shared(t, multiply(one, alpha), multiply(zero, ordered_sum(T(1), -alpha))), end);
    }
    // By p: -(1 - p)^gamma (1 / p + gamma (-log p) / (1 - p)), and the mirrored one of class 0.
    template <class T> static T slope(T p, T t, T alpha, T gamma) {
        const bool inside = p > T(0) && p < T(1);
        const T q = choose(inside, p, T(0.5));
        const Terms<T> terms(q, gamma);
        const Pair<T> rest = ordered_sum(T(1), -q), one = single(T(1));
        const T lift = choose(q < T(Format<T>::lowered), T(Format<T>::lifted), T(1));  // a subnormal has no reciprocal
        const T down = choose(alpha * t > T(0), T(1) / lift, T(1));
        const Pair<T> inverse = choose(down < T(1) || lift == T(1), divide(one, single(q * lift)), single(T(0)));
        const Pair<T> falls = add(inverse, scale(divide(multiply(terms.cost_one, gamma), rest), down));
        const Pair<T> ratio = divide(scale(terms.cost_zero, lift), single(q * lift));
        const Pair<T> rises = scale(add(divide(one, rest), multiply(ratio, gamma)), down);
        const Pair<T> hits = multiply(multiply(terms.weight_one, falls), alpha);
        const Pair<T> misses = multiply(multiply(terms.weight_zero, rises), ordered_sum(T(1), -alpha));
        const T hit = alpha * t, miss = (T(1) - alpha) * (T(1) - t), infinity = T(Format<T>::infinity);
        const T sure = choose(gamma == T(0), T(1), T(0));
        const T low = choose(p == T(0), miss * sure - product_or_zero(hit, infinity), T(Format<T>::nan));
        const T end = choose(p == T(1), product_or_zero(miss, infinity) - hit * sure, low);
        return choose(inside, shared(t, negated(hits), misses) / down, end);
    }

private:
    template <class T> struct Terms {
        Pair<T> cost_one, cost_zero, weight_one, weight_zero;

        Terms(T p, T gamma) {
            cost_one = log_ratio(single(T(1)), single(p));
            cost_zero = negated(log1p(single(-p)));
            weight_one = value_of(exp(negated(multiply(cost_zero, gamma))));
            weight_zero = value_of(exp(negated(multiply(cost_one, gamma))));
        }
    };
};

#define OGIVE_MARGINS(ROW)                                                                          \
    ROW(hinge, Hinge, "max(0, 1 - m), m the margin of a score")                                     \
    ROW(squared_hinge, SquaredHinge, "max(0, 1 - m)^2, m the margin of a score")                    \
    ROW(perceptron, Perceptron, "max(0, -m), m the margin of a score")                              \
    ROW(modified_huber, ModifiedHuber, "max(0, 1 - m)^2 above -1, -4 m below, m the margin")        \
    ROW(binary_sparsemax, BinarySparsemax, "a quarter of the modified Huber loss")                  \
    ROW(unhinged, Unhinged, "1 - m, m the margin of a score")                                       \
    ROW(ramp_loss, RampLoss, "min(1, max(0, (1 - m) / 2)), m the margin of a score")                \
    ROW(exponential_loss, ExponentialLoss, "exp(-m), m the margin of a score")                      \
    ROW(sigmoid_loss, SigmoidLoss, "1 / (1 + exp(m)), m the margin of a score")                     \
    ROW(savage, Savage, "1 / (1 + exp(m))^2, m the margin of a score")                              \
    ROW(zero_one, ZeroOne, "1 where the score is on the wrong side of the threshold")               \
    ROW(brier_probabilities, SquaredError, "the squared error of a probability")                    \
    ROW(brier_logits, BrierLogits, "the squared error of the probability of a logit")               \
    ROW(focal_probabilities, FocalProbabilities, "focal loss of a probability")

}  // namespace OGIVE_SET
