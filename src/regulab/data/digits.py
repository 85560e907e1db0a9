"""The real handwritten digits that scikit-learn brings along."""

from __future__ import annotations

import numpy as np

from regulab.data.dataset import Dataset, Split, validate_on_test
from regulab.data.splitting import split_off
from regulab.errors import InputError, require


def digits(*, validation: str | None = None, flat: bool = True, seed: int = 0) -> Dataset:
    """Load 1,797 real images of handwritten digits, ten classes, 8 x 8 pixels.

    They are the test images of the UCI data set 'Optical Recognition of Handwritten Digits'
    (Alpaydin and Kaynak, 1998), as `sklearn.datasets.load_digits` has them: nothing is downloaded.

    Args:
        validation: None splits 60/20/20 by `seed`, class by class; `"test"` also validates on the test images.
        flat: Whether an image is one row of 64 features, shape `(n, 64)`, as a Dense layer takes it,
            or `(n, 8, 8, 1)`, as a Conv2D layer takes it.
        seed: Decides which image goes into which split.

    Returns:
        Features are float32 in [0, 1]; labels integers 0 to 9, shape `(n,)`.

    Raises:
        InputError: If `validation` is something else.
        MissingDependencyError: If scikit-learn is not installed.

    Example:
        >>> data = digits(flat=False)
        >>> data.train.x.shape, len(data.validation), len(data.test)
        ((1079, 8, 8, 1), 359, 359)
    """
    if validation not in (None, "test"):
        raise InputError(f"Expected `validation` to be None (20% of the images) or 'test'. Received: {validation!r}.")
    require("sklearn", extra="digits", purpose="The data set 'digits'")
    from sklearn.datasets import load_digits

    bundled = load_digits()
    pixels = (bundled.data / 16).astype(np.float32)  # 16 grey levels.
    images = Split(pixels if flat else pixels.reshape(-1, 8, 8, 1), bundled.target.astype(np.int64))
    stay, tested = split_off(images.y, 0.2, seed=seed)
    chosen = split_off(images.y[stay], 0.25, seed=seed)
    train, validated = (images.rows(stay[part]) for part in chosen)
    source = "scikit-learn's load_digits"
    data = Dataset(name="digits", train=train, validation=validated, test=images.rows(tested), source=source)
    return validate_on_test(data) if validation == "test" else data
