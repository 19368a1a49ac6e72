// Sums of float losses in one pass: between the evaluation of a term, its sum and its share of the gradient, nothing leaves the
// registers. For terms that all have one weight; others are evaluated into a buffer first (sums.hpp).
#pragma once

#include "evaluate.hpp"

namespace OGIVE_SET {

template <class Function, Part part, class Indices> struct OnePass;

template <class Function, Part part, std::size_t... k> struct OnePass<Function, part, std::index_sequence<k...>> {
    static constexpr bool graded = part == ogive::both_parts;

    // What the parts give on their own, to the last bit.
    template <Others others> static Results<float> evaluate(auto... x) {
        if constexpr (!graded) return {compute<Function, part, float, others>(x...), 0.0f};
        else if constexpr (shares_work<Function, float>(std::index_sequence<k...>())) return compute<Function, part, float, others>(x...);
        else return {compute<Function, ogive::value_part, float, others>(x...), compute<Function, ogive::slope_part, float, others>(x...)};
    }

    static void add(const Input<float>* inputs, FloatSum& sum, float* gradient, Size pairs) {
        for_others<Function>(inputs, pairs, std::index_sequence<k...>(), [&]<Others others>() { add_each<others>(inputs, sum, gradient, pairs); });
    }

    template <Others others>
    [[gnu::flatten]] static void add_each(const Input<float>* inputs, FloatSum& sum, float* __restrict gradient, Size pairs) {
        const Input<float> from[] = {inputs[k]...};
        FloatSum local = sum;
        for (Size pair = 0; pair < pairs; ++pair, gradient += graded ? pair_of_groups<float> : 0) {
            const auto at = [... x = from[k].pair(pair)](Size i) { return evaluate<others>(x[i]...); };
            OGIVE_INDEPENDENT
            for (Size i = 0; i < group<float>; ++i) {
                const Results<float> left = at(i), right = at(i + group<float>);
                local.terms[i] += local.weight * static_cast<double>(left.value);
                local.terms[i] += local.weight * static_cast<double>(right.value);
                if constexpr (graded) {
                    gradient[i] = mul_add(left.slope, local.share, left.slope * local.rest);
                    gradient[i + group<float>] = mul_add(right.slope, local.share, right.slope * local.rest);
                    local.beyond[i] += left.slope * 0.0f + right.slope * 0.0f;
                }
            }
        }
        sum = local;
    }
};

template <class Function> constexpr ogive::ElementwiseRow loss_row(const char* name, const char* doc) {
    using Indices = std::make_index_sequence<inputs_of<Function>()>;
    ogive::ElementwiseRow row = elementwise_row<Function>(name, doc);
    row.parts[ogive::value_part].add_floats = OnePass<Function, ogive::value_part, Indices>::add;
    row.parts[ogive::both_parts].add_floats = OnePass<Function, ogive::both_parts, Indices>::add;
    return row;
}

#define OGIVE_LOSS_ROW(name, Function, doc) loss_row<Function>(#name, doc),

}  // namespace OGIVE_SET
