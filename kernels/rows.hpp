// Generalised functions along one axis. A function states its arguments once, as the parameters of `row`; here they become
// NumPy's.
//
//     template <class T, class S> static void row(Size length, const S* x, double weight, S& sum, S* out)
//
// S is what a row is stored in and T what it is computed in; a pointer has the axis, what is const or no reference is an input.
// Rows of floats may be computed in float arithmetic too, where that is fused, one at a time or one in each lane:
//
//     template <class Layout> static unsigned swift(Size length, const float* x, const double* weights, float* sums, float* out)
#pragma once

#include <type_traits>
#include <utility>

#include "evaluate.hpp"
#include "swift_rows.hpp"

namespace OGIVE_SET {

using ogive::Argument;
using ogive::RowFunction;

template <class S> using RowArithmetic = std::conditional_t<sizeof(S) == sizeof(double), double, Wide>;

template <class Parameter> inline Parameter argument(void* place) {
    if constexpr (std::is_pointer_v<Parameter>) return static_cast<Parameter>(place);
    else return *static_cast<std::remove_reference_t<Parameter>*>(place);
}

template <class Function, class S, class... Parameters>
[[gnu::noinline, gnu::flatten]] void evaluate_row(void* const* places, Size length) {
    [&]<std::size_t... at>(std::index_sequence<at...>) {
        Function::template row<RowArithmetic<S>, S>(length, argument<Parameters>(places[at])...);
    }(std::index_sequence_for<Parameters...>());
}

template <class Function, class S, class... Parameters>
constexpr ogive::RowEvaluator evaluator(void (*)(Size, Parameters...)) {
    return evaluate_row<Function, S, Parameters...>;
}

template <class Function, class Layout, class... Parameters>
[[gnu::noinline, gnu::flatten]] unsigned evaluate_swiftly(void* const* places, Size length) {
    return [&]<std::size_t... at>(std::index_sequence<at...>) {
        return Function::template swift<Layout>(length, static_cast<Parameters>(places[at])...);
    }(std::index_sequence_for<Parameters...>());
}

template <class Function, class Layout, class... Parameters>
constexpr ogive::SwiftEvaluator swift_evaluator(unsigned (*)(Size, Parameters...)) {
    return evaluate_swiftly<Function, Layout, Parameters...>;
}

// What an argument holds, from the parameter that takes it where rows are of floats.
template <class Parameter> constexpr Argument argument_kind() {
    using Plain = std::remove_reference_t<Parameter>;
    if constexpr (std::is_pointer_v<Plain>) return ogive::row_argument;
    else if constexpr (std::is_same_v<Plain, float>) return ogive::scalar_argument;
    else if constexpr (std::is_same_v<Plain, double>) return ogive::double_argument;
    else return ogive::index_argument;
}

template <class Parameter> constexpr bool is_output() {
    if constexpr (std::is_pointer_v<Parameter>) return !std::is_const_v<std::remove_pointer_t<Parameter>>;
    else return std::is_reference_v<Parameter>;
}

template <class... Parameters> constexpr void describe(RowFunction& function, void (*)(Size, Parameters...)) {
    static_assert(sizeof...(Parameters) <= ogive::most_row_arguments);
    ((function.arguments[function.inputs + function.outputs] = argument_kind<Parameters>(),
      ++(is_output<Parameters>() ? function.outputs : function.inputs)), ...);
}

template <class Function> constexpr RowFunction row_function(const char* name, const char* doc) {
    constexpr auto of_floats = &Function::template row<RowArithmetic<float>, float>;
    constexpr auto of_doubles = &Function::template row<RowArithmetic<double>, double>;
    RowFunction function{name, doc, 0, 0, {}, 0.0, evaluator<Function, float>(of_floats), evaluator<Function, double>(of_doubles), nullptr, nullptr};
    if constexpr (fused && requires { &Function::template swift<Along>; }) {
        function.along = swift_evaluator<Function, Along>(&Function::template swift<Along>);
        function.across = swift_evaluator<Function, Across>(&Function::template swift<Across>);
    }
    if constexpr (requires { Function::longest_across; }) function.longest_across = Function::longest_across;
    if constexpr (requires { Function::padding; }) function.padding = Function::padding;
    describe(function, of_floats);
    return function;
}

#define OGIVE_ROW_FUNCTION(name, Function, doc) row_function<Function>(#name, doc),

}  // namespace OGIVE_SET
