// Phong shading's numbers, as Python gives them.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "shade/shade.hpp"

namespace tvdr {

inline PhongParameters phong_parameters(const std::vector<double>& p) {
  if (p.size() != 10)
    throw nanobind::value_error("phong: wanted light, background, ambient, diffuse, specular, shininess");
  return {{p[0], p[1], p[2]}, {p[3], p[4], p[5]}, p[6], p[7], p[8], p[9]};
}

}  // namespace tvdr
