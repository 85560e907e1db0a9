"""For each learner's server: the guided session beside their notebook."""

from regulab.lab.server.launch import PANEL

c = get_config()  # noqa: F821 - Jupyter provides it

c.ServerApp.jpserver_extensions = {"regulab.lab.server.extension": True}
c.LabServerApp.extra_labextensions_path = [str(PANEL)]
# TensorFlow's remarks on the machine go to the server's log, and are not shown as errors.
c.ServerApp.kernel_spec_manager_class = "regulab.lab.kernel.kernel_manager.QuietKernels"
# The name of a session, a folder or a .zip file that every server can read.
c.RegulabLab.session = "avoid-overfitting"
# Whoever sets this up vouches for the session, so that learners are not asked whether they trust it.
c.RegulabLab.trusted = True
