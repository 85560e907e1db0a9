"""An earlier home of `regulab.lab.server.PANEL`, which Jupyter configuration files may still import from."""

from regulab.lab.server.launch import PANEL

__all__ = ["PANEL"]
