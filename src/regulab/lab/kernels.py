"""An earlier name of `regulab.lab.server.LabKernelSpecs`, which Jupyter configuration files may still have."""

from regulab.lab.server.kernel_specs import LabKernelSpecs as QuietKernels

__all__ = ["QuietKernels"]
