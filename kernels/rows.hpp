// Generalised functions along one axis. A function states its arguments once, as the parameters of `row`; here they become
// NumPy's, and the loop over rows is written once for each storage.
//
//     template <class T, class S> static void row(Size length, const S* x, double weight, S& sum, S* out)
//
// S is what a row is stored in and T what it is computed in; a pointer has the axis, what is const or no reference is an input.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

#include "axis.hpp"
#include "loops.hpp"

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
    static_assert(sizeof...(Parameters) <= ogive::most_arguments);
    ((function.arguments[function.inputs + function.outputs] = argument_kind<Parameters>(),
      ++(is_output<Parameters>() ? function.outputs : function.inputs)), ...);
}

template <class Function> constexpr RowFunction row_function(const char* name, const char* doc) {
    constexpr auto of_floats = &Function::template row<RowArithmetic<float>, float>;
    constexpr auto of_doubles = &Function::template row<RowArithmetic<double>, double>;
    RowFunction function{name, doc, 0, 0, {}, 0.0, evaluator<Function, float>(of_floats), evaluator<Function, double>(of_doubles)};
    if constexpr (requires { Function::padding; }) function.padding = Function::padding;
    describe(function, of_floats);
    return function;
}

struct Release {
    void operator()(void* memory) const { std::free(memory); }
};
using Memory = std::unique_ptr<void, Release>;

inline Memory memory(Size bytes) { return Memory(std::malloc(static_cast<std::size_t>(bytes))); }

// Rows up to this length are copied and filled up to whole lanes, which is faster than to compute a remainder.
constexpr Size longest_filled = 256;

inline Size up_to_lanes(Size length) { return (length + lanes - 1) / lanes * lanes; }

// Where an argument lies: rows of `length` elements of `width` bytes.
struct Place {
    char* start;
    Size between_rows, between_elements, length, width;
    bool direct;  // can be computed from, or into, where it lies

    char* row(Size index) const { return start + index * between_rows; }
    bool same_as(const Place& other) const {
        return start == other.start && between_rows == other.between_rows && width == other.width &&
               between_elements == other.between_elements && length == other.length;
    }
};

// The first byte and the one after the last.
struct Extent {
    const char *low, *high;

    Extent(const Place& place, Size rows) : low(place.start), high(place.start + place.width) {
        for (const Size reach : {(rows - 1) * place.between_rows, (place.length - 1) * place.between_elements})
            (reach < 0 ? low : high) += reach;
    }
    bool overlaps(const Extent& other) const { return low < other.high && other.low < high; }
};

// Moves an input out of the way of the outputs; the memory that it then lies in, null where there is none.
inline Memory set_aside(Place& place, Size rows) {
    Memory copy = memory(rows * place.length * place.width);
    char* to = static_cast<char*>(copy.get());
    for (Size row = 0; to && row < rows; ++row)
        for (Size i = 0; i < place.length; ++i, to += place.width)
            std::memcpy(to, place.row(row) + i * place.between_elements, place.width);
    place.start = static_cast<char*>(copy.get());
    place.between_rows = place.length * place.width;
    place.between_elements = place.width;
    return copy;
}

template <class Stored> void along_axis(char** arguments, const Size* sizes, const Size* strides, void* data) {
    using T = typename Computed<Stored>::Type;
    constexpr Size small = 4096;
    constexpr bool as_computed = sizeof(Stored) == sizeof(T);
    const RowFunction& function = *static_cast<const RowFunction*>(data);
    const ogive::RowEvaluator evaluate = sizeof(T) == sizeof(double) ? function.of_doubles : function.of_floats;
    const int inputs = function.inputs, all = inputs + function.outputs, every = all + function.unasked;
    const Size rows = sizes[0], length = sizes[1], filled = up_to_lanes(length);
    const bool fill_up = length < filled && length <= longest_filled;
    const QuietFlags quiet;
    if (rows == 0) return;

    Place places[ogive::most_arguments];
    for (int k = 0, next = all; k < all; ++k) {
        const Argument kind = function.arguments[k];
        const bool stored = kind == ogive::row_argument || kind == ogive::scalar_argument, vector = kind == ogive::row_argument;
        const Size width = stored ? sizeof(Stored) : sizeof(double), stride = vector ? strides[next++] : width;
        const bool direct = !stored || (as_computed && stride == width && !(vector && fill_up));
        places[k] = {arguments[k], strides[k], stride, vector ? length : 1, width, direct};
    }
    // An input in the very place of an output is copied row by row; one that overlaps it otherwise, as a whole.
    Memory aside[ogive::most_arguments];
    for (int k = 0; k < inputs; ++k) {
        for (int output = inputs; output < all; ++output) {
            if (places[k].same_as(places[output])) {
                places[k].direct &= function.arguments[k] != ogive::row_argument;
            } else if (places[k].length > 0 && places[output].length > 0 &&
                       Extent(places[k], rows).overlaps(Extent(places[output], rows))) {
                aside[k] = set_aside(places[k], rows);
                if (!aside[k]) return ogive::out_of_memory();
            }
        }
    }
    for (int k = all; k < every; ++k)
        places[k] = {nullptr, 0, sizeof(T), function.arguments[k] == ogive::row_argument ? length : 1, sizeof(T), false};
    Size needed = 0;
    for (int k = 0; k < every; ++k) needed += places[k].direct ? 0 : up_to_lanes(places[k].length);
    std::atomic<bool> failed = false;
    in_parallel(rows, 1, work_of_rows * rows * length, [&](Size begin, Size end) {
        alignas(64) T near[small];
        const Memory far = memory(needed > small ? needed * sizeof(T) : 0);
        if (needed > small && !far) {
            failed = true;
            return;
        }
        T* scratch = needed > small ? static_cast<T*>(far.get()) : near;
        T* buffers[ogive::most_arguments];
        for (int k = 0; k < every; ++k) {
            buffers[k] = scratch;
            if (places[k].direct) continue;
            scratch += up_to_lanes(places[k].length);
            std::fill(buffers[k] + places[k].length, scratch, T(k == 0 ? function.padding : 0.0));
        }
        for (Size row = begin; row < end; ++row) {
            void* vectors[ogive::most_arguments];
            std::int64_t index;
            for (int k = 0; k < every; ++k) {
                const Place& place = places[k];
                vectors[k] = place.direct ? place.row(row) : reinterpret_cast<char*>(buffers[k]);
                if (!place.direct && k < inputs) load<Stored>(place.row(row), place.between_elements, buffers[k], place.length);
                if (function.arguments[k] == ogive::index_argument) {
                    index = *static_cast<const std::int64_t*>(vectors[k]);
                    if (index >= length) index = -1;  // what fills a row up is not part of it
                    vectors[k] = &index;
                }
            }
            evaluate(vectors, fill_up ? filled : length);
            for (int k = inputs; k < all; ++k)
                if (!places[k].direct) store<Stored>(buffers[k], places[k].row(row), places[k].between_elements, places[k].length);
        }
    });
    if (failed) ogive::out_of_memory();
}

}  // namespace OGIVE_SET
