// The functions along an axis and the losses of rows, for one instruction set.
#include "distributions.hpp"
#include "rows.hpp"
#include "softmax.hpp"
#include "weighted.hpp"

namespace OGIVE_SET {

#define ROW_FUNCTION(name, Function, doc) row_function<Function>(#name, doc),

constexpr ogive::RowFunction rows[] = {OGIVE_SOFTMAX_FUNCTIONS(ROW_FUNCTION) OGIVE_WEIGHTED_FUNCTIONS(ROW_FUNCTION)
                                      OGIVE_DISTRIBUTION_LOSSES(ROW_FUNCTION)};
extern const ogive::RowFamily row_functions;
const ogive::RowFamily row_functions = {rows, sizeof(rows) / sizeof(*rows)};

}  // namespace OGIVE_SET
