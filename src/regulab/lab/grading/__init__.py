"""Facts in, verdict out: the rules of a check, and how they are judged."""
