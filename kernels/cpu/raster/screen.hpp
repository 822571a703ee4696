// All of an image's vertices on the screen.
#pragma once

#include <cstdint>

#include "portable/screen.hpp"

namespace tvdr {

template <typename T>
void project_to_screen(const T* pos, int64_t first, int64_t last, const Image& image, ScreenVertex* out);

}  // namespace tvdr
