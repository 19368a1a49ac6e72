// The only place where a function is evaluated, and all that is stamped out for each function, part and type of arithmetic.
#pragma once

#include <concepts>
#include <utility>

#include "formats.hpp"
#include "results.hpp"
#include "table.hpp"

// Says that no step of the next loop reads what another writes.
#ifdef __clang__
#define OGIVE_INDEPENDENT _Pragma("clang loop vectorize(assume_safety) unroll(disable)")
#else
#define OGIVE_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace OGIVE_SET {

using ogive::Evaluation;
using ogive::FloatSum;
using ogive::group;
using ogive::Input;
using ogive::pair_of_groups;
using ogive::Part;
using ogive::Size;

// float is computed in Wide, except in functions marked direct, which take it as it is.
template <class Function, class S> constexpr auto workshop() {
    if constexpr (sizeof(S) == sizeof(double) || requires { Function::direct; }) return S();
    else return Wide();
}

// Float arithmetic from end to end needs the fused product and sum.
template <class S> constexpr bool swiftly = fused && std::same_as<S, float>;

template <class Function, Part part, class S, class... Inputs> inline auto in_workshop(Inputs... x) {
    using T = decltype(workshop<Function, S>());
    if constexpr (part == ogive::value_part) {
        return static_cast<S>(Function::value(T(x)...));
    } else if constexpr (part == ogive::slope_part) {
        return static_cast<S>(Function::slope(T(x)...));
    } else if constexpr (part == ogive::both_parts) {
        const Results<T> results = Function::both(T(x)...);
        return Results<S>{static_cast<S>(results.value), static_cast<S>(results.slope)};
    } else {
        return static_cast<S>(Function::curvature(T(x)...));
    }
}

// A function may keep its digits in float arithmetic for some numbers alone, which its `swift_for` tells; of others there may be
// all, some or none in a loop.
enum class Others { all, some, none };

template <class Function, class... Inputs> constexpr bool sometimes_swift = requires(Inputs... x) { Function::swift_for(x...); };

// Calls loop.operator()<others>(), compiled for what there is.
template <class Function, class S, std::size_t... k, class Loop>
inline void for_others(const Input<S>* inputs, Size pairs, std::index_sequence<k...>, const Loop& loop) {
    if constexpr (swiftly<S> && sometimes_swift<Function, decltype(static_cast<void>(k), S())...>) {
        int any = 0, all = 1;
        for (Size pair = 0; pair < pairs; ++pair)
            for (Size i = 0; i < pair_of_groups<S>; ++i) {
                const int other = !Function::swift_for(inputs[k].pair(pair)[i]...);
                any |= other;
                all &= other;
            }
        if (!any) return loop.template operator()<Others::none>();
        if (!all) return loop.template operator()<Others::some>();
    }
    loop.template operator()<Others::all>();
}

template <class Function, Part part, class S, Others others = Others::some, class... Inputs> inline auto compute(Inputs... x) {
    if constexpr (swiftly<S> && sometimes_swift<Function, Inputs...> && part != ogive::curvature_part && others != Others::none) {
        const auto result = in_workshop<Function, part, S>(x...);
        if constexpr (others == Others::all) return result;
        else return choose(Function::swift_for(x...), compute<Function, part, S, Others::none>(x...), result);
    } else if constexpr (swiftly<S> && part == ogive::value_part && requires { Function::swift(x...); }) {
        return Function::swift(x...);
    } else if constexpr (swiftly<S> && part == ogive::slope_part && requires { Function::swift_slope(x...); }) {
        return Function::swift_slope(x...);
    } else if constexpr (swiftly<S> && part == ogive::both_parts && requires { Function::swift_both(x...); }) {
        return Function::swift_both(x...);
    } else {
        return in_workshop<Function, part, S>(x...);
    }
}

template <class S> inline bool any_infinite(const S* x, Size count) {
    Bits<S> any = 0;  // as wide as a number, for the loop to vectorise
    for (Size i = 0; i < count; ++i) any |= Bits<S>(magnitude(x[i]) == S(__builtin_inff()));
    return any != 0;
}

template <class Function, Part part, class S, class Indices> struct Groups;

// Two groups are computed side by side: a processor overlaps two independent chains of arithmetic better than one chain
// and its successor. flatten makes the function's whole body one loop that vectorises. The outputs are no inputs, so that
// nothing need be read again after a store.
template <class Function, Part part, class S, std::size_t... k>
struct Groups<Function, part, S, std::index_sequence<k...>> {
    static void evaluate(const Input<S>* inputs, S* first, S* second, Size pairs) {
        const auto straight = [](const Input<S>* from, S* to, S* other, Size count) {
            for_others<Function>(from, count, std::index_sequence<k...>(),
                                 [=]<Others others>() { evaluate_each<others>(from, to, other, count); });
        };
        if constexpr (!again_beyond) return straight(inputs, first, second, pairs);
        else in_steps(inputs, pairs, [=](const Input<S>* from, Size place, Size now) {
            straight(from, first + place, second + place, now);
            if (any_infinite(first + place, now * pair_of_groups<S>)) evaluate_beyond(from, first + place, now);
        });
    }

    // Values that are infinite may be those of a step on the way that was beyond the largest number.
    static constexpr bool again_beyond =
        part != ogive::slope_part && part != ogive::curvature_part && requires { Function::beyond((static_cast<void>(k), S())...); };

    [[gnu::noinline, gnu::flatten]] static void evaluate_beyond(const Input<S>* inputs, S* values, Size pairs) {
        using T = decltype(workshop<Function, S>());
        for (Size pair = 0; pair < pairs; ++pair, values += pair_of_groups<S>) {
            OGIVE_INDEPENDENT
            for (Size i = 0; i < pair_of_groups<S>; ++i) {
                const S value = values[i], beyond = static_cast<S>(Function::beyond(T(inputs[k].pair(pair)[i])...));
                values[i] = choose(magnitude(value) == S(__builtin_inff()), beyond, value);
            }
        }
    }

    template <Others others>
    [[gnu::flatten]] static void evaluate_each(const Input<S>* inputs, S* __restrict first, S* __restrict second, Size pairs) {
        const Input<S> from[] = {inputs[k]...};
        for (Size pair = 0; pair < pairs; ++pair, first += pair_of_groups<S>, second += pair_of_groups<S>) {
            const auto at = [... x = from[k].pair(pair)](Size i) { return compute<Function, part, S, others>(x[i]...); };
            OGIVE_INDEPENDENT
            for (Size i = 0; i < group<S>; ++i) {
                const auto left = at(i), right = at(i + group<S>);
                if constexpr (part == ogive::both_parts) {
                    first[i] = left.value;
                    first[i + group<S>] = right.value;
                    second[i] = left.slope;
                    second[i + group<S>] = right.slope;
                } else {
                    first[i] = left;
                    first[i + group<S>] = right;
                }
            }
        }
    }

    // For functions whose value and slope share nothing: one after the other, over what the first-level cache holds.
    static void evaluate_in_turn(const Input<S>* inputs, S* first, S* second, Size pairs) {
        in_steps(inputs, pairs, [=](const Input<S>* from, Size place, Size now) {
            Groups<Function, ogive::value_part, S, std::index_sequence<k...>>::evaluate(from, first + place, nullptr, now);
            Groups<Function, ogive::slope_part, S, std::index_sequence<k...>>::evaluate(from, second + place, nullptr, now);
        });
    }

    // Calls run(inputs, place, pairs) for as many pairs of groups as the first-level cache holds.
    template <class Run> static void in_steps(const Input<S>* inputs, Size pairs, const Run& run) {
        constexpr Size step = 32;
        for (Size start = 0; start < pairs; start += step) {
            const Input<S> from[] = {{inputs[k].pair(start), inputs[k].step}...};
            run(from, start * pair_of_groups<S>, pairs - start < step ? pairs - start : step);
        }
    }
};

template <class Function, std::size_t... k> constexpr bool takes(std::index_sequence<k...>) {
    return requires { Function::value((static_cast<void>(k), 0.0)...); };
}

template <class Function, int count = 1> constexpr int inputs_of() {
    static_assert(count <= ogive::most_arguments - 2, "raise most_arguments for a function of so many inputs");
    if constexpr (takes<Function>(std::make_index_sequence<count>())) return count;
    else return inputs_of<Function, count + 1>();
}

template <class Function, std::size_t... k> constexpr bool bends(std::index_sequence<k...>) {
    return requires { Function::curvature((static_cast<void>(k), 0.0)...); };
}

// `both` stands for value and slope, so their bits have to be its own: in float it counts only where these are not swift.
template <class Function, class S, std::size_t... k> constexpr bool shares_work(std::index_sequence<k...>) {
    constexpr bool swift_parts = requires { Function::swift((static_cast<void>(k), 0.0f)...); } ||
                                 requires { Function::swift_slope((static_cast<void>(k), 0.0f)...); };
    if constexpr (swiftly<S> && requires { Function::swift_both((static_cast<void>(k), 0.0f)...); }) return true;
    else return !(swiftly<S> && swift_parts) && requires { Function::both((static_cast<void>(k), 0.0)...); };
}

template <class Function, Part part, class S> constexpr ogive::Evaluate<S> evaluate_groups() {
    using Indices = std::make_index_sequence<inputs_of<Function>()>;
    if constexpr (part == ogive::both_parts && !shares_work<Function, S>(Indices()))
        return Groups<Function, part, S, Indices>::evaluate_in_turn;
    else return Groups<Function, part, S, Indices>::evaluate;
}

template <class Function, class S, std::size_t... k> constexpr int work_of(std::index_sequence<k...>) {
    if constexpr (requires { Function::direct; }) return sizeof(S) / sizeof(float);
    else return swiftly<S> && requires { Function::swift((static_cast<void>(k), S())...); } ? 4 : 16;
}

template <class Function, Part part> constexpr Evaluation evaluation() {
    constexpr int inputs = inputs_of<Function>(), outputs = part == ogive::both_parts ? 2 : 1;
    constexpr std::make_index_sequence<inputs> indices;
    return {inputs, outputs, work_of<Function, float>(indices), work_of<Function, double>(indices),
            evaluate_groups<Function, part, float>(), evaluate_groups<Function, part, double>()};
}

template <class Function> constexpr ogive::ElementwiseRow elementwise_row(const char* name, const char* doc) {
    ogive::ElementwiseRow row = {name, doc, {}};
    row.parts[ogive::value_part] = evaluation<Function, ogive::value_part>();
    row.parts[ogive::slope_part] = evaluation<Function, ogive::slope_part>();
    row.parts[ogive::both_parts] = evaluation<Function, ogive::both_parts>();
    if constexpr (bends<Function>(std::make_index_sequence<inputs_of<Function>()>()))
        row.parts[ogive::curvature_part] = evaluation<Function, ogive::curvature_part>();
    return row;
}

#define OGIVE_ELEMENTWISE_ROW(name, Function, doc) elementwise_row<Function>(#name, doc),

}  // namespace OGIVE_SET
