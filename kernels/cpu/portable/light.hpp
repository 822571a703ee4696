// The light, the material and the background.
#pragma once

namespace tvdr {

struct PhongParameters {
  double light[3];       // world position
  double background[3];  // RGB
  double ambient, diffuse, specular, shininess;
};

}  // namespace tvdr
