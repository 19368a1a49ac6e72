// What a class costs by its probability, of the softmax: the costs are pairs of a value and a slope, for targets of one class and of many.
#pragma once

#include "axis.hpp"
#include "functions.hpp"

namespace OGIVE_SET {

template <class T> struct Chance {
    Pair<T> cost, p, wrong;  // -log p, p and 1 - p
};

// Where an infinite score decides: a probability of 1 or 0, or NaN.
template <class T> inline Chance<T> certainty(T p) {
    return {{choose(p == T(0), T(Format<T>::infinity), p - T(1)), T(0)}, {p, T(0)}, {T(1) - p, T(0)}};
}

// The chance of a class by its finite logit, and by the logarithm of the sum of the row.
template <class T, class S> inline Chance<T> chance_of(const Row<T>& row, Pair<T> log_sum, S x) {
    const Pair<T> gap = difference(row.largest, T(x)), sum = difference(gap.high, -log_sum.high), nought = {T(0), T(0)};
    const Pair<T> e = choose(gap.high > -T(Format<T>::exp_bottom), nought, kept_value(exp(negated(gap))));
    const Pair<T> others = choose(T(x) == row.largest, row.others, add(row.all, negated(e)));
    return {{sum.high, sum.low + (gap.low + log_sum.low)}, divide(e, row.all), divide(others, row.all)};
}

// What a chance costs, and -p times the slope of that by p.
template <class T> struct Priced {
    T value;
    Pair<T> slope;
};

// A `plain` cost is cross-entropy itself.
struct CrossEntropy {
    static constexpr bool plain = true;

    template <class T> static Priced<T> of(Chance<T> chance) { return {total(chance.cost), {T(1), T(0)}}; }
};

// -log p + epsilon (1 - p), for epsilon from -1.
struct PolyLoss {
    static constexpr bool plain = false;

    template <class T> static Priced<T> of(Chance<T> chance, T epsilon) {
        const Pair<T> less = add(exact_sum(T(1), epsilon), multiply(chance.wrong, -epsilon));
        const Pair<T> more = add(Pair<T>{T(1), T(0)}, multiply(chance.p, epsilon));
        return {total(chance.cost) + epsilon * total(chance.wrong), choose(epsilon < T(0), less, more)};
    }
};

// (1 - p)^gamma (-log p). Where nothing is wrong, -log p is 1 - p.
struct CategoricalFocal {
    static constexpr bool plain = false;

    template <class T> static Priced<T> of(Chance<T> chance, T gamma) {
        const Pair<T> one = {T(1), T(0)}, nought = {T(0), T(0)}, size = fine_power(chance.wrong, gamma);
        const bool sure = chance.wrong.high < T(1e-20), impossible = chance.p.high == T(0);
        const Pair<T> ratio = choose(sure, one, divide(choose(impossible, one, chance.cost), choose(sure, one, chance.wrong)));
        const Pair<T> share = choose(impossible, nought, multiply(chance.p, ratio));
        return {choose(size.high == T(0), T(0), total(size) * total(chance.cost)), multiply(size, add(one, multiply(share, gamma)))};
    }
};

// (1 - p^q) / q.
struct GeneralizedCrossEntropy {
    static constexpr bool plain = false;

    template <class T> static Priced<T> of(Chance<T> chance, T q) {
        const Pair<T> possible = multiply(chance.cost, -q), never = {-T(Format<T>::infinity), T(0)};
        const Pair<T> exponent = choose(possible.high > T(Format<T>::exp_bottom), possible, never);
        return {-total(expm1(exponent.high)) / q, value_of(exp(exponent))};
    }
};

// 2 (1 - p).
struct MulticlassAbsoluteError {
    static constexpr bool plain = false;

    template <class T> static Priced<T> of(Chance<T> chance) { return {T(2) * total(chance.wrong), scale(chance.p, T(2))}; }
};

// -alpha log p - beta log_zero (1 - p).
struct SymmetricCrossEntropy {
    static constexpr bool plain = false;

    template <class T> static Priced<T> of(Chance<T> chance, T alpha, T beta, T log_zero) {
        const T cost = choose(alpha == T(0), T(0), alpha * total(chance.cost));
        const Pair<T> steepness = multiply(chance.p, exact_product(beta, -log_zero));
        return {cost - beta * log_zero * total(chance.wrong), add(Pair<T>{alpha, T(0)}, steepness)};
    }
};

}  // namespace OGIVE_SET
