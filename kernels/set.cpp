// The table of one instruction set. Compiled once for each, with OGIVE_SET naming it.
#include "activations.hpp"
#include "losses.hpp"
#include "distributions.hpp"
#include "rows.hpp"
#include "softmax.hpp"

namespace OGIVE_SET {

using ogive::ElementwiseRow;

template <class Function> constexpr int inputs_of() {
    if constexpr (requires(float x) { Function::value(x); }) return 1;
    else if constexpr (requires(float x) { Function::value(x, x); }) return 2;
    else return 3;
}

template <class Function, Part part> constexpr void fill(ElementwiseRow& row) {
    constexpr int inputs = inputs_of<Function>();
    row.loops[part][ogive::half_storage] = elementwise<Function, part, Half, inputs>;
    row.loops[part][ogive::float_storage] = elementwise<Function, part, float, inputs>;
    row.loops[part][ogive::double_storage] = elementwise<Function, part, double, inputs>;
    row.loops[part][ogive::bfloat16_storage] = elementwise<Function, part, BFloat16, inputs>;
}

template <class Function> constexpr ElementwiseRow elementwise_row(const char* name, const char* doc) {
    ElementwiseRow row{name, doc, inputs_of<Function>(), {}};
    fill<Function, ogive::value_part>(row);
    fill<Function, ogive::slope_part>(row);
    fill<Function, ogive::both_parts>(row);
    return row;
}

#define ELEMENTWISE(name, Function, doc) elementwise_row<Function>(#name, doc),
#define ROW_FUNCTION(name, Function, doc) row_function<Function>(#name, doc),

constexpr ElementwiseRow elementwise_rows[] = {OGIVE_ACTIVATIONS(ELEMENTWISE) OGIVE_LOSSES(ELEMENTWISE)};
constexpr RowFunction row_functions[] = {OGIVE_SOFTMAX_FUNCTIONS(ROW_FUNCTION) OGIVE_DISTRIBUTION_LOSSES(ROW_FUNCTION)};

template <class Row, int count> constexpr int count_of(const Row (&)[count]) { return count; }

#define TEXT_OF(set) #set
#define NAME_OF(set) TEXT_OF(set)

extern const ogive::Table table;
const ogive::Table table = {NAME_OF(OGIVE_SET), elementwise_rows, count_of(elementwise_rows), row_functions,
                            count_of(row_functions),
                            {along_axis<Half>, along_axis<float>, along_axis<double>, along_axis<BFloat16>}};

}  // namespace OGIVE_SET
