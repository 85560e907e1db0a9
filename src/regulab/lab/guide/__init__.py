"""The guide beside a session: answers from text at hand, explains errors, and watches trainings."""
