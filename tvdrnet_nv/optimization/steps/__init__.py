"""What an optimiser's step does, in one call each on backends with kernels for it, and in torch on the others."""
