"""One program a contender; each is run as `python -m speed.contenders.NAME`."""
