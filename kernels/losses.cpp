#include "losses.hpp"

#include "one_pass.hpp"

namespace OGIVE_SET {

constexpr ogive::ElementwiseRow rows[] = {OGIVE_LOSSES(OGIVE_LOSS_ROW)};
extern const ogive::Family losses;
const ogive::Family losses = {rows, sizeof(rows) / sizeof(*rows), true};

}  // namespace OGIVE_SET
