"""How every HTML page of regulab looks."""
