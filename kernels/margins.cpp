#include "margins.hpp"

#include "evaluate.hpp"

namespace OGIVE_SET {

constexpr ogive::ElementwiseRow rows[] = {OGIVE_MARGINS(OGIVE_ELEMENTWISE_ROW)};
extern const ogive::Family margins;
const ogive::Family margins = {rows, sizeof(rows) / sizeof(*rows), true};

}  // namespace OGIVE_SET
