from __future__ import annotations

from regulab.histories.history import History
from regulab.play.commentary import caution, compared, said, shows
from regulab.play.runs import Run, View
from regulab.play.settings import Settings

FALLING = (0.6, 0.3, 0.2, 0.1)


def run(number, validation, *, training=FALLING, state="done", **settings):
    measures = {"train_data_loss": training, "val_data_loss": validation}
    return Run(number, Settings(epochs=4, **settings), History("baseline", 0, measures), state)


def test_the_epoch_from_which_a_run_overfits_is_named():
    assert shows(run(1, (0.6, 0.4, 0.6, 0.7))) == (
        "Run 1 (as built) overfits from epoch 3 on: validation loss is lowest after epoch 2 (0.400) and ends at 0.700, "
        "training loss at 0.100."
    )


def test_a_healthy_run_is_called_so():
    steady = (0.6, 0.31, 0.3, 0.3, 0.3, 0.3)
    assert shows(run(2, steady, training=(0.6, 0.3, 0.29, 0.29, 0.29, 0.29), l2=0.01)) == (
        "Run 2 (L2 0.01) shows no fault: validation loss is lowest after epoch 3 (0.300) and ends at 0.300."
    )


def test_a_run_of_two_epochs_is_too_short_to_judge():
    assert "The log holds 2 epochs" in shows(run(1, (0.6, 0.4), training=(0.6, 0.3)))


def test_a_run_is_compared_with_the_one_before_by_their_lowest_losses():
    runs = [run(1, (0.6, 0.4, 0.6, 0.7)), run(2, (0.6, 0.5, 0.38, 0.39), l2=0.1)]
    assert compared(runs) == "Its lowest validation loss, 0.380, lies 0.020 below that of run 1 (as built)."
    assert compared(runs[::-1]) == "Its lowest validation loss, 0.400, lies 0.020 above that of run 2 (L2 0.1)."
    assert compared(runs[:1]) == ""


def test_one_seed_is_no_proof():
    runs = [run(1, (0.6, 0.4)), run(2, (0.6, 0.3), l2=0.1)]
    assert caution(runs).startswith("One seed each is no proof")
    assert caution(runs[:1]) == ""


def test_runs_that_differ_in_their_seed_alone_say_how_much_is_luck():
    runs = [run(1, (0.6, 0.4)), run(2, (0.6, 0.3), l2=0.1), run(3, (0.6, 0.45), seed=1)]
    assert "Seeds alone move the lowest loss by 0.050 here" in caution(runs)


def test_the_lowest_of_many_runs_is_said_to_be_partly_luck():
    runs = [run(number, (0.6, 0.4), l2=number / 10) for number in range(1, 5)]
    assert "the lowest of 4 runs is partly luck" in caution(runs)
    assert "partly luck" not in caution(runs[:3])


def test_a_run_in_training_says_how_far_it_is_and_judges_nothing():
    growing = run(1, (0.6, 0.4, 0.6), training=FALLING[:3], state="training")
    assert said(View((growing,), busy=True)) == "Run 1 (as built): epoch 3 of 4."


def test_an_error_comes_first_and_nothing_trained_is_said():
    assert said(View((run(1, (0.6, 0.4)),), error="Training failed.")) == "Training failed."
    assert said(View(busy=True)).startswith("Preparing the training.")
    assert said(View()).startswith("Nothing is trained yet.")
