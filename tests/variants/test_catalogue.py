from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import regulab
from regulab.errors import InputError
from regulab.variants import BASELINE, dropout, ema, l1, l1_l2, l2, max_norm, train_size, width
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
def test_a_plain_name_is_kept_and_its_label_parses_to_the_same_variant(name):
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


@pytest.mark.parametrize("kind", KINDS)
def test_a_function_without_a_strength_makes_what_the_plain_name_and_the_table_in_the_docs_say(kind):
    table = (Path(__file__).parents[2] / "docs/variants.md").read_text(encoding="utf-8")
    (documented,) = re.findall(rf"^\| \[`{kind}`\]\([^)]*\) \| `([^`]*)` \|", table, re.MULTILINE)
    assert getattr(regulab, kind)().label == parse(kind).label == documented


def test_strengths_combinations_and_fractions_are_read():
    assert parse(" dropout(0.3) + l2(1e-2) ").label == "dropout(0.3)+l2(0.01)"
    assert parse("width(1/4)").changes == width(0.25).changes
    assert parse("depth(-2)").label == "depth(-2)"
    assert parse("l1_l2(0.001,0.01)").name == "l1_l2(0.001, 0.01)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("L3", r"No variant 'L3'. Available: smaller, bigger, deeper, shallower, width, depth, l1, l2"),
        ("l2+droput", r"No variant 'droput' in 'l2\+droput'. Did you mean 'dropout'\? Available: "),
        ("Dropout", r"No variant 'Dropout'. Did you mean 'dropout'\?"),
        ("L2(0.01)", r"No variant 'L2\(0.01\)'. Did you mean 'l2'\?"),
        ("None", r"No variant 'None'. Did you mean 'none'\?"),
        ("none", r"No variant 'none'. Available"),
        (
            "l2(",
            r"Expected a closing parenthesis for every opening one. Received: 'l2\('. Write for example l2\(0.01\)",
        ),
        ("l2(0.1+dropout", r"Expected a closing parenthesis .* Received: 'l2\(0.1\+dropout'"),
        ("l2 0.1)+ema(0.9", r"Expected an opening parenthesis"),
        ("l2+l2(0.1)", r"sets l2 once. Received: l2\(0.001\) together with l2\(0.1\). Leave one of them out"),
        ("", "No variant ''"),
        ("baseline", "No variant 'baseline'"),
        ("dropout(1.5)", r"Expected `rate` above 0 and below 1. Received: rate=1.5"),
        ("dropout(0)", r"Received: rate=0"),
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
    with pytest.raises(InputError, match=r"Expected names of variants, separated by commas\. Available: "):
        parse_list("  ")
    with pytest.raises(InputError, match=r"closing parenthesis for every opening one. Received: 'l2\(0.1,dropout'"):
        parse_list("l2(0.1,dropout")


def test_none_means_no_variants_and_must_be_by_itself():
    assert parse_list(" none ") == ()
    for text in ("none,l2", "l2, none", "none,baseline"):
        with pytest.raises(
            InputError, match=f"Expected 'none' by itself, to train the baseline alone. Received: '{text}'"
        ):
            parse_list(text)


@pytest.mark.parametrize(
    ("first", "second"),
    [(l1_l2(0.1, 0.2), l1(0.3)), (max_norm(1), max_norm(2)), (ema(0.9), ema(0.99)), (train_size(0.5), train_size(0.1))],
)
def test_setting_the_same_thing_twice_is_refused(first, second):
    with pytest.raises(InputError, match=r"Expected a variant that sets .* once"):
        first + second


def test_only_variants_can_be_added():
    with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \+: 'Variant' and 'float'"):
        l2(0.1) + 0.2


def test_noise_and_capacity_combine():
    assert parse("dropout+dropout(0.1)+width(2)+width(2)").label == "dropout(0.5)+dropout(0.1)+width(2)+width(2)"


def test_penalties_can_be_set_for_each_layer_and_each_kind():
    assert (l2(0.1) + l2(0.2, layers="out") + l1(0.3)).label == "l2(0.1)+l2(0.2, layers=out)+l1(0.3)"


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
