// The losses of vectors and of regions, for one instruction set.
#include "overlap.hpp"
#include "rows.hpp"
#include "vectors.hpp"

namespace OGIVE_SET {

constexpr ogive::RowFunction functions[] = {OGIVE_VECTOR_LOSSES(OGIVE_ROW_FUNCTION) OGIVE_OVERLAP_LOSSES(OGIVE_ROW_FUNCTION)};
extern const ogive::RowFamily vector_losses;
const ogive::RowFamily vector_losses = {functions, sizeof(functions) / sizeof(*functions)};

}  // namespace OGIVE_SET
