from __future__ import annotations

import pytest

from regulab.errors import InputError, MissingDependencyError, NotApplicableError, RegulabError, require


def test_an_input_error_is_a_value_error_and_one_of_regulabs() -> None:
    assert issubclass(InputError, (ValueError, RegulabError))
    assert issubclass(InputError, ValueError)
    assert issubclass(NotApplicableError, InputError)
    assert issubclass(MissingDependencyError, ImportError)


def test_a_package_that_is_missing_is_named_with_the_extra_that_brings_it() -> None:
    with pytest.raises(MissingDependencyError, match=r"^Reading clouds needs no_such_package\. .*'regulab\[sky\]'$"):
        require("no_such_package", extra="sky", purpose="Reading clouds")
