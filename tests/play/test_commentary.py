from __future__ import annotations

import typing

import pytest

from regulab.play import remarks
from regulab.play.commentary import sentence, text
from regulab.play.runs import View

FIRST, SECOND = remarks.RunName(1, "as built"), remarks.RunName(2, "L2 0.01")
CURVE = remarks.Curve(best_epoch=1, lowest=0.4, end=0.7, train_end=0.1)

SENTENCES = [
    (remarks.Failed("Training failed."), "Training failed."),
    (
        remarks.FirstBegins(),
        "Preparing the training. The first one on a machine takes up to a minute, because its kernels are compiled.",
    ),
    (remarks.NothingTrained(), "Nothing has been trained yet. Move a slider or press Train."),
    (remarks.NextBegins(), "The next run is being prepared."),
    (remarks.InTraining(FIRST, 3, 4), "Run 1 (as built): epoch 3 of 4."),
    (remarks.OtherFinding(SECOND, "The log holds 2 epochs."), "Run 2 (L2 0.01): The log holds 2 epochs."),
    (remarks.NoLoss(FIRST), "Run 1 (as built) has no validation loss to judge it by."),
    (
        remarks.Overfits(FIRST, 2, CURVE),
        "Run 1 (as built) overfits from epoch 3 on: validation loss is lowest after epoch 2 (0.400) and ends at 0.700, "
        "training loss at 0.100.",
    ),
    (
        remarks.Healthy(SECOND, remarks.Curve(best_epoch=2, lowest=0.3, end=0.3, train_end=0.29)),
        "Run 2 (L2 0.01) shows no fault: validation loss is lowest after epoch 3 (0.300) and ends at 0.300.",
    ),
    (
        remarks.Compared(0.38, -0.02, FIRST),
        "Its lowest validation loss, 0.380, is 0.020 below that of run 1 (as built).",
    ),
    (
        remarks.Compared(0.4, 0.02, SECOND),
        "Its lowest validation loss, 0.400, is 0.020 above that of run 2 (L2 0.01).",
    ),
    (remarks.Compared(0.4, 0.0, FIRST), "Its lowest validation loss, 0.400, equals that of run 1 (as built)."),
    (
        remarks.OneSeedEach(),
        "One seed each proves nothing: move Seed to see how much luck alone changes the curves.",
    ),
    (
        remarks.SeedSpread(0.05, lowest=0.4),
        "Here the seed alone changes the lowest loss by 0.050, so a difference of that size proves nothing.",
    ),
    (
        remarks.BestOfMany(4),
        "The lowest of 4 runs is also partly luck; rl.Study compares variants over several seeds.",
    ),
]


@pytest.mark.parametrize(
    ("remark", "words"),
    SENTENCES,
    ids=[f"{number}-{type(remark).__name__}" for number, (remark, _) in enumerate(SENTENCES)],
)
def test_each_remark_has_its_sentence(remark, words):
    assert sentence(remark) == words


def test_every_kind_of_remark_is_worded_here():
    assert {type(remark) for remark, _ in SENTENCES} == set(typing.get_args(remarks.Remark))


def test_the_sentences_of_a_view_stand_in_one_paragraph():
    assert text(View()) == sentence(remarks.NothingTrained())
