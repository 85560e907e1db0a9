"""The sentences of a playground: `remarks` decides what there is to say, and this module alone words it."""

from __future__ import annotations

from typing import assert_never

from regulab.diagnosis.number_format import decimals, written
from regulab.play import remarks
from regulab.play.remarks import Remark
from regulab.play.runs import View


def text(view: View) -> str:
    """What the playground says alongside its curves."""
    return " ".join(sentence(remark) for remark in remarks.remarks(view))


def sentence(remark: Remark) -> str:
    """One remark in words.

    Example:
        >>> sentence(remarks.Compared(0.38, -0.02, remarks.RunName(1, "as built")))
        'Its lowest validation loss, 0.380, is 0.020 below that of run 1 (as built).'
    """
    match remark:
        case remarks.Failed(message):
            return message
        case remarks.FirstBegins():
            return (
                "Preparing the training. The first one on a machine takes up to a minute, because its kernels are "
                "compiled."
            )
        case remarks.NothingTrained():
            return "Nothing has been trained yet. Move a slider or press Train."
        case remarks.NextBegins():
            return "The next run is being prepared."
        case remarks.InTraining(run, epoch, epochs):
            return f"Run {_name(run)}: epoch {epoch} of {epochs}."
        case remarks.OtherFinding(run, message):
            return f"Run {_name(run)}: {message}"
        case remarks.NoLoss(run):
            return f"Run {_name(run)} has no validation loss to judge it by."
        case remarks.Overfits(run, onset, curve):
            end = written(curve.train_end, decimals(curve.lowest))
            return f"Run {_name(run)} overfits from epoch {onset + 1} on: {_turn(curve)}, training loss at {end}."
        case remarks.Healthy(run, curve):
            return f"Run {_name(run)} shows no fault: {_turn(curve)}."
        case remarks.Compared():
            return _comparison(remark)
        case remarks.OneSeedEach():
            return "One seed each proves nothing: move Seed to see how much luck alone changes the curves."
        case remarks.SeedSpread(difference, lowest):
            change = written(difference, decimals(lowest))
            return (
                f"Here the seed alone changes the lowest loss by {change}, so a difference of that size proves nothing."
            )
        case remarks.BestOfMany(runs):
            return f"The lowest of {runs} runs is also partly luck; rl.Study compares variants over several seeds."
        case _:
            assert_never(remark)


def _name(run: remarks.RunName) -> str:
    return f"{run.number} ({run.label})"


def _turn(curve: remarks.Curve) -> str:
    lowest, end = (written(loss, decimals(curve.lowest)) for loss in (curve.lowest, curve.end))
    return f"validation loss is lowest after epoch {curve.best_epoch + 1} ({lowest}) and ends at {end}"


def _comparison(compared: remarks.Compared) -> str:
    places = decimals(compared.lowest)
    start = f"Its lowest validation loss, {written(compared.lowest, places)},"
    before = f"that of run {_name(compared.before)}"
    if compared.difference == 0:
        return f"{start} equals {before}."
    side = "below" if compared.difference < 0 else "above"
    return f"{start} is {written(abs(compared.difference), places)} {side} {before}."
