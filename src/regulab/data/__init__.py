"""Data sets to study, and a user's own data made into one."""

from regulab.data.arrays import arrays
from regulab.data.dataset import Dataset, Split, Stream, validate_on_test
from regulab.data.digits import digits
from regulab.data.files import load
from regulab.data.frames import frame
from regulab.data.imdb import imdb
from regulab.data.multihot import multi_hot
from regulab.data.reviews import reviews
from regulab.data.streams import stream
from regulab.data.validate import check, shared_rows

__all__ = [
    "Dataset",
    "Split",
    "Stream",
    "arrays",
    "check",
    "digits",
    "frame",
    "imdb",
    "load",
    "multi_hot",
    "reviews",
    "shared_rows",
    "stream",
    "validate_on_test",
]
