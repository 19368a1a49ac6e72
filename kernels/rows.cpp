#include "distributions.hpp"
#include "loops.hpp"

namespace OGIVE_SET {

using ogive::AxisRow;

template <class Function> constexpr AxisRow axis_row(const char* name, const char* doc) {
    return {name, doc, Function::signature, Function::inputs, Function::outputs, Function::index_input,
            {along_axis<Function, Half>, along_axis<Function, float>, along_axis<Function, double>}};
}

#define AXIS(name, Function, doc) axis_row<Function>(#name, doc),

constexpr AxisRow rows[] = {OGIVE_AXIS_FUNCTIONS(AXIS) OGIVE_DISTRIBUTION_LOSSES(AXIS)};
extern const ogive::AxisFamily axis_functions;
const ogive::AxisFamily axis_functions = {rows, sizeof(rows) / sizeof(*rows)};

}  // namespace OGIVE_SET
