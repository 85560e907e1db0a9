"""The fast path: chains of dense layers, many models at once, in kernels compiled by Numba."""
