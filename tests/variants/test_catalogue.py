from __future__ import annotations

import subprocess
import sys

import pytest

from regulab.errors import InputError
from regulab.variants import BASELINE, dropout, l2, width
from regulab.variants.catalogue import COURSE, KINDS, known_names, parse, parse_list, unique


def test_the_courses_variants_have_their_names_and_strengths():
    assert {name: variant.label for name, variant in COURSE.items()} == {
        "smaller": "width(0.25)",
        "bigger": "width(32)",
        "l2": "l2(0.001)",
        "dropout": "dropout(0.5)",
        "l2+dropout": "l2(0.001)+dropout(0.5)",
    }
    assert all(parse(name) == variant for name, variant in COURSE.items())


@pytest.mark.parametrize("name", known_names())
def test_a_plain_name_stays_plain_and_its_label_reads_back_as_the_same(name):
    variant = parse(name)
    assert variant.name == name
    again = parse(variant.label)
    assert again.name == variant.label
    assert again.changes == variant.changes


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_it_does(kind):
    (change,) = parse(kind).changes
    assert change.kind == kind
    assert change.describe()[-1] != "."
    assert change.describe()[0] == change.describe()[0].lower()


def test_strengths_combinations_and_fractions_are_read():
    assert parse(" dropout(0.3) + l2(1e-2) ").label == "dropout(0.3)+l2(0.01)"
    assert parse("width(1/4)").changes == width(0.25).changes
    assert parse("depth(-2)").label == "depth(-2)"
    assert parse("l1_l2(0.001,0.01)").name == "l1_l2(0.001, 0.01)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("L3", r"No variant 'L3'. Available: smaller, bigger, deeper, shallower, width, depth, l1, l2"),
        ("l2+droput", r"No variant 'droput' in 'l2\+droput'"),
        ("l2(", r"No variant 'l2\('"),
        ("", "No variant ''"),
        ("baseline", "No variant 'baseline'"),
        ("dropout(1.5)", r"Expected `rate` in \[0, 1\). Received: rate=1.5"),
        ("depth(0.5)", "Expected `by` as a whole number"),
        ("l2(much)", r"Expected a number as a strength. Received: 'much' in 'l2\(much\)'"),
        ("width(1/0)", "Expected a number as a strength"),
        ("l2(nan)", "Expected `strength` above 0. Received: strength=nan"),
        ("l1_l2(0.1)", r"Expected 'l1_l2' with 2 strengths.*'l1_l2\(0.0001, 0.001\)'"),
        ("l2()", "Expected a number as a strength. Received: ''"),
        ("smaller(0.5)", r"Expected 'smaller' without a strength.*Use width\(...\)"),
    ],
)
def test_a_text_that_names_no_variant_says_why(text, message):
    with pytest.raises(InputError, match=message):
        parse(text)


def test_a_list_splits_at_commas_outside_parentheses_and_skips_the_baseline():
    names = [variant.name for variant in parse_list("baseline, l2,dropout ,l1_l2(0.001,0.001)+ema")]
    assert names == ["l2", "dropout", "l1_l2(0.001, 0.001)+ema"]
    assert parse_list("baseline") == ()
    with pytest.raises(InputError, match=r"Received: nothing"):
        parse_list("  ")


def test_equal_names_become_labels():
    names = [variant.name for variant in unique([l2(0.001), l2(0.01), width(0.5), width(0.25), dropout(0.5)])]
    assert names == ["l2(0.001)", "l2(0.01)", "width(0.5)", "width(0.25)", "dropout"]


def test_equal_variants_and_the_name_of_the_baseline_are_refused():
    with pytest.raises(InputError, match=r"Expected variants that differ. Received: 'l2\(0.001\)' 2 times"):
        unique([l2(0.001), l2(0.001)])
    for variant in (BASELINE, l2(0.1).named("baseline")):
        with pytest.raises(InputError, match=r"names other than 'baseline', which is always trained"):
            unique([variant])


def test_importing_the_variants_does_not_import_keras():
    code = "import sys, regulab.variants.catalogue; sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
