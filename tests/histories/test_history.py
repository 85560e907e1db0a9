from __future__ import annotations

import math

import numpy as np
import pytest

from regulab.errors import InputError
from regulab.histories.history import Histories, History

STUDY = Histories((History("baseline", 0, {"val_loss": (0.6, 0.4)}), History("l2", 0, {"auc": (0.7,)})))


@pytest.mark.parametrize("measure", ["typo", "data_loss", "val_auc", ""])
def test_an_unknown_measure_lists_those_there_are(measure: str) -> None:
    with pytest.raises(InputError, match=rf"No measure '{measure}'\. Available: val_loss, auc\."):
        STUDY.array(measure, "l2")


def test_a_known_measure_is_nan_where_a_member_lacks_it() -> None:
    assert STUDY.array("val_loss", "baseline").tolist() == [[0.6, 0.4]]
    for measure in ("val_loss", "loss", "val_data_loss"):
        np.testing.assert_array_equal(STUDY.array(measure, "l2"), [[math.nan]])


def test_an_unknown_variant_lists_those_there_are() -> None:
    with pytest.raises(InputError, match=r"No variant 'l3'\. Available: baseline, l2\."):
        STUDY.array("val_loss", "l3")
