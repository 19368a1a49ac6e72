#include "margins.hpp"

#include "one_pass.hpp"

namespace OGIVE_SET {

constexpr ogive::ElementwiseRow rows[] = {OGIVE_MARGINS(OGIVE_LOSS_ROW)};
extern const ogive::Family margins;
const ogive::Family margins = {rows, sizeof(rows) / sizeof(*rows), true};

}  // namespace OGIVE_SET
