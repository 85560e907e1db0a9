"""For each learner's server: the guided session alongside their notebook."""

from regulab.lab.server import PANEL

c = get_config()  # noqa: F821 - Jupyter provides it

c.ServerApp.jpserver_extensions = {"regulab.lab.server": True}
c.LabServerApp.extra_labextensions_path = [str(PANEL)]
# Notebooks run in regulab's kernel, which answers the panel while a cell runs and keeps
# TensorFlow's remarks on the machine out of the cells. With another kernel the panel works
# too, but only between cells.
c.ServerApp.kernel_spec_manager_class = "regulab.lab.server.LabKernelSpecs"
# The name of a session, or a folder or .zip file that every server can read.
c.RegulabLab.session = "avoid-overfitting"
# You vouch for the session, so learners are not asked whether they trust it.
c.RegulabLab.trusted = True
