"""`python -m regulab` is `regulab`."""

from regulab.cli import main

main()
