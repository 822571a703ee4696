#include "camera/cameras.hpp"

#include <cmath>
#include <numbers>

namespace tvdr {
namespace {

constexpr double kDegree = std::numbers::pi / 180;

using Matrix3 = double[3][3];

// The rotation of an orbit, and its derivatives by elevation and azimuth in radians.
struct Rotation {
  Matrix3 value, by_elevation, by_azimuth;

  Rotation(double elevation, double azimuth, const WorldAxes& axes) {
    const double se = std::sin(elevation), ce = std::cos(elevation), sa = std::sin(azimuth), ca = std::cos(azimuth);
    set(value, axes, {{-ca, -se * sa, -ce * sa}, {0, ce, -se}, {sa, -se * ca, -ce * ca}});
    set(by_elevation, axes, {{0, -ce * sa, se * sa}, {0, -se, -ce}, {0, -ce * ca, se * ca}});
    set(by_azimuth, axes, {{sa, -se * ca, -ce * ca}, {0, 0, 0}, {ca, se * sa, ce * sa}});
  }

 private:
  // The rows of y_up are the axes x, y, z of a world with y up.
  static void set(Matrix3& m, const WorldAxes& axes, const double (&y_up)[3][3]) {
    for (int i = 0; i < 3; ++i) {
      const int axis = axes[static_cast<size_t>(i)];
      for (int j = 0; j < 3; ++j) m[i][j] = axis < 0 ? -y_up[-axis - 1][j] : y_up[axis - 1][j];
    }
  }
};

template <typename T>
Rotation rotation_of(const Orbits<T>& in, int64_t k) {
  return Rotation(kDegree * static_cast<double>(in.elevation[k]), kDegree * static_cast<double>(in.azimuth[k]),
                  in.axes);
}

template <typename T>
double focal_of(const Orbits<T>& in, int64_t k) {
  return 1 / std::tan(0.5 * kDegree * static_cast<double>(in.fov[k]));
}

// d focal / d fov, per degree.
double focal_slope(double focal) { return -0.5 * kDegree * (1 + focal * focal); }

// A camera's numbers in double. The views' axes left, up and depth as functions of a homogeneous point: [3][4].
struct Axes {
  double axis[3][4];

  template <typename T>
  Axes(const T* rotation, const T* translation) {
    for (int j = 0; j < 3; ++j) {
      for (int i = 0; i < 3; ++i) axis[j][i] = static_cast<double>(rotation[3 * i + j]);
      axis[j][3] = static_cast<double>(translation[j]);
    }
  }
};

double dot4(const double (&a)[4], const double (&b)[4]) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}

}  // namespace

template <typename T>
void orbit_view(const Orbits<T>& in, const Views<T>& out) {
  for (int64_t k = 0; k < in.count; ++k) {
    const Rotation r = rotation_of(in, k);
    for (int j = 0; j < 3; ++j) {
      // -R^T position, with the distance taken out of the product: it is exactly the look-at point's depth.
      double sum = j == 2 ? static_cast<double>(in.distance[k]) : 0;
      for (int i = 0; i < 3; ++i) {
        out.rotation[9 * k + 3 * i + j] = static_cast<T>(r.value[i][j]);
        sum -= static_cast<double>(in.at[3 * k + i]) * r.value[i][j];
      }
      out.translation[3 * k + j] = static_cast<T>(sum);
    }
    out.focal[2 * k] = out.focal[2 * k + 1] = static_cast<T>(focal_of(in, k));
  }
}

template <typename T>
void orbit_view_backward(const Orbits<T>& in, const Views<const T>& grad, const OrbitChange<T>& out) {
  for (int64_t k = 0; k < in.count; ++k) {
    const Rotation r = rotation_of(in, k);
    double elevation = 0, azimuth = 0;
    for (int i = 0; i < 3; ++i) {
      double at = 0;
      for (int j = 0; j < 3; ++j) {
        const auto g_translation = static_cast<double>(grad.translation[3 * k + j]);
        const double g = static_cast<double>(grad.rotation[9 * k + 3 * i + j]) -
                         static_cast<double>(in.at[3 * k + i]) * g_translation;
        elevation += g * r.by_elevation[i][j];
        azimuth += g * r.by_azimuth[i][j];
        at -= r.value[i][j] * g_translation;
      }
      out.at[3 * k + i] = static_cast<T>(at);
    }
    const double g_focal = static_cast<double>(grad.focal[2 * k]) + static_cast<double>(grad.focal[2 * k + 1]);
    out.distance[k] = grad.translation[3 * k + 2];
    out.elevation[k] = static_cast<T>(kDegree * elevation);
    out.azimuth[k] = static_cast<T>(kDegree * azimuth);
    out.fov[k] = static_cast<T>(focal_slope(focal_of(in, k)) * g_focal);
  }
}

template <typename T>
void orbit_view_jvp(const Orbits<T>& in, const OrbitChange<const T>& tangent, const Views<T>& out) {
  for (int64_t k = 0; k < in.count; ++k) {
    const Rotation r = rotation_of(in, k);
    const double elevation = kDegree * static_cast<double>(tangent.elevation[k]),
                 azimuth = kDegree * static_cast<double>(tangent.azimuth[k]);
    for (int j = 0; j < 3; ++j) {
      double sum = j == 2 ? static_cast<double>(tangent.distance[k]) : 0;
      for (int i = 0; i < 3; ++i) {
        const double change = elevation * r.by_elevation[i][j] + azimuth * r.by_azimuth[i][j];
        out.rotation[9 * k + 3 * i + j] = static_cast<T>(change);
        sum -=
            static_cast<double>(in.at[3 * k + i]) * change + static_cast<double>(tangent.at[3 * k + i]) * r.value[i][j];
      }
      out.translation[3 * k + j] = static_cast<T>(sum);
    }
    const double change = focal_slope(focal_of(in, k)) * static_cast<double>(tangent.fov[k]);
    out.focal[2 * k] = out.focal[2 * k + 1] = static_cast<T>(change);
  }
}

template <typename T>
void clip_matrices(const Pinholes<T>& in, T* to_clip, T* eye) {
  for (int64_t b = 0; b < in.count; ++b) {
    const Axes view(in.rotation + 9 * b, in.translation + 3 * b);
    const double fx = in.scale_x * static_cast<double>(in.focal[2 * b]),
                 fy = in.scale_y * static_cast<double>(in.focal[2 * b + 1]),
                 px = in.scale_x * static_cast<double>(in.principal[2 * b]),
                 py = in.scale_y * static_cast<double>(in.principal[2 * b + 1]);
    T* m = to_clip + 16 * b;
    for (int i = 0; i < 4; ++i) {
      const double depth = view.axis[2][i];
      m[i] = static_cast<T>(-(fx * view.axis[0][i] + px * depth));
      m[4 + i] = static_cast<T>(fy * view.axis[1][i] + py * depth);
      m[8 + i] = static_cast<T>(in.depth_factor * depth + (i == 3 ? in.depth_offset : 0));
      m[12 + i] = static_cast<T>(depth);
    }
    for (int i = 0; i < 3; ++i) {
      double sum = 0;
      for (const auto& axis : view.axis) sum -= axis[i] * axis[3];
      eye[3 * b + i] = static_cast<T>(sum);
    }
  }
}

template <typename T>
void clip_matrices_backward(const Pinholes<T>& in, const T* to_clip_grad, const T* eye_grad,
                            const PinholeChange<T>& out) {
  for (int64_t b = 0; b < in.count; ++b) {
    const Axes view(in.rotation + 9 * b, in.translation + 3 * b);
    double row[4][4], eye[3];
    for (int i = 0; i < 16; ++i) row[i / 4][i % 4] = static_cast<double>(to_clip_grad[16 * b + i]);
    for (int i = 0; i < 3; ++i) eye[i] = static_cast<double>(eye_grad[3 * b + i]);
    for (int i = 0; i < 4; ++i) {
      row[0][i] *= -in.scale_x;
      row[1][i] *= in.scale_y;
    }
    const double fx = static_cast<double>(in.focal[2 * b]), fy = static_cast<double>(in.focal[2 * b + 1]),
                 px = static_cast<double>(in.principal[2 * b]), py = static_cast<double>(in.principal[2 * b + 1]);
    double axis[3][4];
    for (int i = 0; i < 4; ++i) {
      axis[0][i] = fx * row[0][i];
      axis[1][i] = fy * row[1][i];
      axis[2][i] = px * row[0][i] + py * row[1][i] + in.depth_factor * row[2][i] + row[3][i];
    }
    for (int j = 0; j < 3; ++j) {
      double moved = axis[j][3];
      for (int i = 0; i < 3; ++i) {
        moved -= eye[i] * view.axis[j][i];
        out.rotation[9 * b + 3 * i + j] = static_cast<T>(axis[j][i] - eye[i] * view.axis[j][3]);
      }
      out.translation[3 * b + j] = static_cast<T>(moved);
    }
    for (int i = 0; i < 2; ++i) {
      out.focal[2 * b + i] = static_cast<T>(dot4(view.axis[i], row[i]));
      out.principal[2 * b + i] = static_cast<T>(dot4(view.axis[2], row[i]));
    }
  }
}

template <typename T>
void clip_matrices_jvp(const Pinholes<T>& in, const PinholeChange<const T>& tangent, T* to_clip, T* eye) {
  for (int64_t b = 0; b < in.count; ++b) {
    const Axes view(in.rotation + 9 * b, in.translation + 3 * b);
    const Axes moved(tangent.rotation + 9 * b, tangent.translation + 3 * b);
    const double scale[2] = {-in.scale_x, in.scale_y};
    T* m = to_clip + 16 * b;
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 2; ++j) {
        const double change = static_cast<double>(in.focal[2 * b + j]) * moved.axis[j][i] +
                              static_cast<double>(tangent.focal[2 * b + j]) * view.axis[j][i] +
                              static_cast<double>(in.principal[2 * b + j]) * moved.axis[2][i] +
                              static_cast<double>(tangent.principal[2 * b + j]) * view.axis[2][i];
        m[4 * j + i] = static_cast<T>(scale[j] * change);
      }
      m[8 + i] = static_cast<T>(in.depth_factor * moved.axis[2][i]);
      m[12 + i] = static_cast<T>(moved.axis[2][i]);
    }
    for (int i = 0; i < 3; ++i) {
      double sum = 0;
      for (int j = 0; j < 3; ++j) sum -= moved.axis[j][i] * view.axis[j][3] + view.axis[j][i] * moved.axis[j][3];
      eye[3 * b + i] = static_cast<T>(sum);
    }
  }
}

#define TVDR_INSTANTIATE(T)                                                                              \
  template void orbit_view(const Orbits<T>&, const Views<T>&);                                           \
  template void orbit_view_backward(const Orbits<T>&, const Views<const T>&, const OrbitChange<T>&);     \
  template void orbit_view_jvp(const Orbits<T>&, const OrbitChange<const T>&, const Views<T>&);          \
  template void clip_matrices(const Pinholes<T>&, T*, T*);                                               \
  template void clip_matrices_backward(const Pinholes<T>&, const T*, const T*, const PinholeChange<T>&); \
  template void clip_matrices_jvp(const Pinholes<T>&, const PinholeChange<const T>&, T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
