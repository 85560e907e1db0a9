"""The data of a guided session, under the short name that learners' notebooks import.

Notebooks outlive regulab's rooms: a learner who began with an earlier version still has this import in a cell. So the
names stay here, wherever the functions move.

Example:
    >>> from regulab.lab.data import reviews_at_hand, word_ids
    >>> len(word_ids(reviews_at_hand(train=6, validation=2, test=2, words=50).train))
    6
"""

from regulab.lab.kernel.session_data import reviews_at_hand, word_ids

__all__ = ["reviews_at_hand", "word_ids"]
