"""The guide of a session: answers questions from regulab's own texts, explains errors, and watches trainings."""
