// What the stages of a render take.
#pragma once

#include <chrono>

#include "render/render.hpp"

namespace tvdr {

// Adds the time since it was last asked to one stage's.
class Stopwatch {
 public:
  explicit Stopwatch(double* seconds) : seconds_(seconds) {}
  void stop(Stage stage) {
    if (!seconds_) return;
    const auto now = Clock::now();
    seconds_[stage] += std::chrono::duration<double>(now - began_).count();
    began_ = now;
  }

 private:
  using Clock = std::chrono::steady_clock;
  double* seconds_;
  Clock::time_point began_ = Clock::now();
};

}  // namespace tvdr
