// The softmax family and the losses of distributions, for one instruction set.
#include "distributions.hpp"
#include "divergences.hpp"
#include "rows.hpp"
#include "softmax.hpp"
#include "weighted.hpp"

namespace OGIVE_SET {

constexpr ogive::RowFunction functions[] = {OGIVE_SOFTMAX_FUNCTIONS(OGIVE_ROW_FUNCTION) OGIVE_WEIGHTED_FUNCTIONS(OGIVE_ROW_FUNCTION)
                                           OGIVE_DISTRIBUTION_LOSSES(OGIVE_ROW_FUNCTION)
                                           OGIVE_DIVERGENCES(OGIVE_ROW_FUNCTION)};
extern const ogive::RowFamily axis_functions;
const ogive::RowFamily axis_functions = {functions, sizeof(functions) / sizeof(*functions)};

}  // namespace OGIVE_SET
