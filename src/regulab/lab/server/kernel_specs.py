"""Which kernel the lab's notebooks run in: regulab's own, in place of the plain ipykernel of the same Python."""

from __future__ import annotations

import sys

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

#: How a kernel specification may name the Python that runs this server; jupyter_client replaces the short names.
_THIS_PYTHON = {"python", "python3", f"python3.{sys.version_info.minor}", sys.executable}

# Named, not imported: the server loads nothing that runs in the learner's kernel.
_OPTIONS = (
    "--IPKernelApp.kernel_class=regulab.lab.kernel.kernel.RegulabKernel",
    "--IPKernelApp.outstream_class=regulab.lab.kernel.streams.PythonOnlyStderr",
)


class LabKernelSpecs(KernelSpecManager):
    """Finds kernels as Jupyter does, and starts those that can import this regulab as regulab's own kernel."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification of a kernel, with regulab's options if it starts ipykernel in the server's own Python."""
        spec = super().get_kernel_spec(kernel_name)
        if "ipykernel_launcher" in spec.argv and spec.argv[0] in _THIS_PYTHON:
            spec.argv = [*spec.argv, *_OPTIONS]
        return spec
