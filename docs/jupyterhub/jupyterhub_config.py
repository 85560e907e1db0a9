"""A JupyterHub that opens a guided session for everyone who signs in.

Try this one on a single machine: everyone's server runs as you, and everyone signs in
with the same password. For a class, use JupyterHub's own authenticators and spawners; the
settings for the session stay the same.

    pip install 'regulab[cpu,lab]' jupyterhub
    npm install -g configurable-http-proxy
    HUB_PASSWORD=... jupyterhub --config jupyterhub_config.py
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821 - JupyterHub provides it

# The session: every server reads jupyter_server_config.py, in the same folder as this file.
c.Spawner.environment = {"JUPYTER_CONFIG_PATH": str(Path(__file__).parent.resolve())}
c.Spawner.default_url = "/lab/tree/avoid-overfitting.ipynb"
# TensorFlow takes a while to start, and about a gigabyte of memory while a network trains.
c.Spawner.start_timeout = 120

# For trying it on a single machine.
c.JupyterHub.bind_url = os.environ.get("HUB_URL", "http://127.0.0.1:8000/class/")
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ["HUB_PASSWORD"]
c.Authenticator.allow_all = True
