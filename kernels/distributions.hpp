// Losses of distributions along an axis: the sum of a term for each class, every term a pair, so that neither the length
// of a row nor a divergence of nearly equal distributions costs digits.
#pragma once

#include "axis.hpp"

namespace OGIVE_SET {

// Minus the logarithm of a probability: what a class costs, for a weight of one.
template <class T> inline Pair<T> surprise(T probability) { return negated(log(Pair<T>{probability, T(0)})); }

// log(target / prediction); where the two are near, from their difference, which is exact.
template <class T> inline Pair<T> log_quotient(T target, T prediction) {
    const T infinity = T(Format<T>::infinity), gap = target - prediction;
    const bool possible = target > T(0) && prediction > T(0);
    const T t = choose(possible, target, T(1)), q = choose(possible, prediction, T(1));
    const bool near = magnitude(gap) < T(0.25) * t && t > T(Format<T>::lowered) && q > T(Format<T>::lowered);
    const Pair<T> close = twice_atanh(divide(Pair<T>{choose(near, gap, T(0)), T(0)}, exact_sum(t, choose(near, q, t))));
    const Pair<T> far = log_ratio(Pair<T>{t, T(0)}, Pair<T>{q, T(0)});
    return choose(possible, choose(near, close, far), Pair<T>{choose(gap == gap, infinity, gap), T(0)});
}

struct FromProbabilities {
    template <class T> static Pair<T> cost(T prediction, T) { return surprise(prediction); }
    template <class T> static T slope(T prediction, T target) { return -target / prediction; }
};

struct FromLogProbabilities {
    template <class T> static Pair<T> cost(T prediction, T) { return {-prediction, T(0)}; }
    template <class T> static T slope(T prediction, T target) { return choose(prediction == prediction, -target, prediction); }
};

struct RelativeToProbabilities : FromProbabilities {
    template <class T> static Pair<T> cost(T prediction, T target) { return log_quotient(target, prediction); }
};

struct RelativeToLogProbabilities : FromLogProbabilities {
    template <class T> static Pair<T> cost(T prediction, T target) {
        const bool reachable = finite(prediction);
        const Pair<T> sum = add(negated(surprise(target)), Pair<T>{choose(reachable, -prediction, T(0)), T(0)});
        return choose(reachable, sum, Pair<T>{-prediction, T(0)});
    }
};

// The sum of target * cost and its gradient. A class with no weight costs nothing, even where its cost is infinite.
template <class Terms> struct ExpectedCost {
    static constexpr const char* signature = "(n),(n)->(),(n)";
    static constexpr int inputs = 2, outputs = 2, index_input = -1;
    static constexpr bool vector[] = {true, true, false, true};

    template <class T, class S> static void row(S* const* arguments, Length length) {
        const S *predictions = arguments[0], *targets = arguments[1];
        S *loss = arguments[2], *gradient = arguments[3];
        LaneSum<T> sum;
        for_lanes(length, [&](int lane, Length i) {
            const T prediction = T(predictions[i]), target = T(targets[i]);
            const bool costs = target != T(0);
            const T nothing = choose(prediction == prediction, T(0), prediction);
            sum.add(lane, choose(costs, multiply(Terms::cost(prediction, target), target), Pair<T>{nothing, T(0)}));
            gradient[i] = S(choose(costs, Terms::slope(prediction, target), nothing));
        });
        *loss = S(sum.rounded());
    }
};

struct Entropy {
    static constexpr const char* signature = "(n)->(),(n)";
    static constexpr int inputs = 1, outputs = 2, index_input = -1;
    static constexpr bool vector[] = {true, false, true};

    template <class T, class S> static void row(S* const* arguments, Length length) {
        const S* probabilities = arguments[0];
        S *entropy = arguments[1], *gradient = arguments[2];
        LaneSum<T> sum;
        for_lanes(length, [&](int lane, Length i) {
            const T probability = T(probabilities[i]);
            const Pair<T> cost = surprise(probability);
            const bool certain = finite(cost.high);
            sum.add(lane, choose(probability != T(0), multiply(cost, probability), Pair<T>{T(0), T(0)}));
            gradient[i] = S(choose(certain, total(add(cost, Pair<T>{T(-1), T(0)})), cost.high));
        });
        *entropy = S(sum.rounded());
    }
};

#define OGIVE_DISTRIBUTION_LOSSES(ROW)                                                                               \
    ROW(entropy_prediction, Entropy, "-sum(p * log(p)), and its gradient")                                          \
    ROW(cross_entropy_probabilities, ExpectedCost<FromProbabilities>, "-sum(t * log(q)), and its gradient")         \
    ROW(cross_entropy_log_probabilities, ExpectedCost<FromLogProbabilities>, "-sum(t * v), and its gradient")       \
    ROW(kl_divergence_probabilities, ExpectedCost<RelativeToProbabilities>,                                         \
        "sum(t * log(t / q)), and its gradient")                                                                    \
    ROW(kl_divergence_log_probabilities, ExpectedCost<RelativeToLogProbabilities>,                                  \
        "sum(t * (log(t) - v)), and its gradient")

}  // namespace OGIVE_SET
