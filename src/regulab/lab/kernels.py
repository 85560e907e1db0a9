"""Kernels whose notebooks show what Python writes, and not what compiled code writes past it."""

from __future__ import annotations

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager


class QuietKernels(KernelSpecManager):
    """Starts ipykernel without its capture of the file descriptors.

    TensorFlow writes remarks on the machine to standard error before any of its settings count, and a notebook shows
    them on red ground, as if the learner had made a mistake. They go to where the server was started instead.
    """

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification of a kernel, as Jupyter finds it, with that option where the kernel knows it."""
        spec = super().get_kernel_spec(kernel_name)
        if "ipykernel_launcher" in spec.argv:
            spec.argv = [*spec.argv, "--IPKernelApp.capture_fd_output=False"]
        return spec
