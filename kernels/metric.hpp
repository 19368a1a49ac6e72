// One struct per elementwise loss of metric learning and of ranking: its value, and its slope with respect to its first input.
// To add one, write the struct and add its row at the end.
#pragma once

#include "losses.hpp"

namespace OGIVE_SET {

// t x + (1 - t) max(0, margin - x), for a distance x of a pair that is of one class with the share t.
struct HingeEmbedding {
    static constexpr bool direct = true;
    template <class T> static T value(T x, T t, T margin) {
        const T lacking = choose(x >= margin, T(0), margin - x);
        return product_or_zero(t, x) + product_or_zero(T(1) - t, lacking);
    }
    template <class T> static T slope(T x, T t, T margin) {
        return unless_nan(x, t - choose(x < margin, T(1) - t, T(0)));
    }
};

// t max(0, margin - d) + (1 - t) max(0, margin + d) for the difference d of two scores, whose rounding error margin - d may lay bare.
struct MarginRanking {
    static constexpr bool direct = true;
    template <class T> static T value(T first, T second, T t, T margin) {
        const Pair<T> d = difference(first, second);
        const T miss = shortfall(margin, d), hit = shortfall(margin, negated(d));
        return product_or_zero(t, miss) + product_or_zero(T(1) - t, hit);
    }
    template <class T> static T slope(T first, T second, T t, T margin) {
        const Pair<T> d = difference(first, second);
        const T miss = shortfall(margin, d), hit = shortfall(margin, negated(d));
        return unless_nan(miss, choose(hit > T(0), T(1) - t, T(0)) - choose(miss > T(0), t, T(0)));
    }

private:
    template <class T> static T shortfall(T margin, Pair<T> d) {
        const T lacking = (margin - d.high) - d.low;
        return choose(lacking <= T(0), T(0), lacking);
    }
};

// Binary cross-entropy of the difference of two scores. What rounds off of it counts with the slope.
struct Ranknet {
    template <class T> static T value(T first, T second, T t) {
        const Pair<T> d = difference(first, second);
        return BinaryCrossEntropyLogits::value(d.high, t) + rest_of(BinaryCrossEntropyLogits::slope(d.high, t), d.low);
    }
    template <class T> static T slope(T first, T second, T t) {
        const Pair<T> d = difference(first, second);
        return BinaryCrossEntropyLogits::slope(d.high, t) + rest_of(Logistic<T>(magnitude(d.high)).slope(), d.low);
    }

private:
    template <class T, class Low> static T rest_of(T slope, Low low) {
        if constexpr (compensated<T>) return slope * low;
        return T(0);
    }
};

// The same for a pair in which the first is to be the higher.
struct Bpr {
    template <class T> static T value(T positive, T negative) { return Ranknet::value(positive, negative, T(1)); }
    template <class T> static T slope(T positive, T negative) { return Ranknet::slope(positive, negative, T(1)); }
};

#define OGIVE_METRIC(ROW)                                                                         \
    ROW(hinge_embedding, HingeEmbedding, "t x + (1 - t) max(0, margin - x)")                      \
    ROW(margin_ranking, MarginRanking, "t max(0, margin - d) + (1 - t) max(0, margin + d)")       \
    ROW(ranknet, Ranknet, "binary cross-entropy of the difference of two scores")                 \
    ROW(bpr, Bpr, "log(1 + exp(second - first))")

}  // namespace OGIVE_SET
