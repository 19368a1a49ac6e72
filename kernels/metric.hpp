// One struct per elementwise loss of metric learning: its value, and its slope with respect to its first input.
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

#define OGIVE_METRIC(ROW) ROW(hinge_embedding, HingeEmbedding, "t x + (1 - t) max(0, margin - x)")

}  // namespace OGIVE_SET
