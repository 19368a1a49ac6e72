// The losses of the number of the right class, for one instruction set.
#include "class_margins.hpp"
#include "right_class.hpp"
#include "rows.hpp"

namespace OGIVE_SET {

constexpr ogive::RowFunction functions[] = {OGIVE_RIGHT_CLASS_LOSSES(OGIVE_ROW_FUNCTION) OGIVE_CLASS_MARGINS(OGIVE_ROW_FUNCTION)};
extern const ogive::RowFamily class_losses;
const ogive::RowFamily class_losses = {functions, sizeof(functions) / sizeof(*functions)};

}  // namespace OGIVE_SET
