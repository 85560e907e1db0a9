"""Kernels whose notebooks show no remarks of compiled code as errors."""

from __future__ import annotations

import sys

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

#: How a specification names the Python that the server runs on, which jupyter_client puts in place of these words.
_OWN = {"python", "python3", f"python3.{sys.version_info.minor}", sys.executable}


class QuietKernels(KernelSpecManager):
    """Starts ipykernel with the streams of `regulab.lab.kernel.streams`."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification of a kernel, as Jupyter finds it, with that option where regulab can be imported there."""
        spec = super().get_kernel_spec(kernel_name)
        if "ipykernel_launcher" in spec.argv and spec.argv[0] in _OWN:
            spec.argv = [*spec.argv, "--IPKernelApp.outstream_class=regulab.lab.kernel.streams.PythonsErrors"]
        return spec
