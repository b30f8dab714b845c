#pragma once
#include "api.h"

namespace simcuda {

void destroy_modules_of(Context& context);

}  // namespace simcuda
