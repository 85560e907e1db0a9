from __future__ import annotations

import pytest

from regulab.errors import InputError


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Epoch,Train Loss,Valid Loss", {"loss", "val_loss"}),
        ("Loss/train,Loss/val,Accuracy/val", {"loss", "val_loss", "val_accuracy"}),
        ("trainLoss,valLoss,trainAcc", {"loss", "val_loss", "accuracy"}),
        ("loss,a_loss,b_loss,val_loss,val_a_loss", {"loss", "a_loss", "b_loss", "val_loss", "val_a_loss"}),
        (",loss,F1,val_MyMetric", {"loss", "f1", "val_MyMetric"}),
        ("epoch,loss,time,timestamp,train_runtime", {"loss"}),
    ],
)
def test_columns_get_the_names_that_keras_gives_them(read, header, expected) -> None:
    count = header.count(",") + 1
    assert set(read(f"{header}\n{','.join(['0'] * count)}\n").measures) == expected


def test_columns_can_be_named(read) -> None:
    text = "epoch,a,b,accuracy\n0,0.5,0.6,0.1\n"
    history = read(text, train_column="a", val_column="b")
    assert history.measures == {"loss": (0.5,), "val_loss": (0.6,), "accuracy": (0.1,)}


def test_a_test_loss_stands_in_for_a_missing_validation_loss(read) -> None:
    history = read("train_loss,test_loss\n0.5,0.6\n")
    assert history.measures == {"loss": (0.5,), "val_loss": (0.6,)}
    assert history.notes == ("Read 'test_loss' as the validation loss, since there is no other.",)


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("epoch,loss_a,loss_b", "loss_a, loss_b"),
        ("loss,train_loss,val_loss", "loss, train_loss"),
        ("epoch,train,valid", "epoch, train, valid"),
        ("loss,loss", "loss, loss"),
    ],
)
def test_ambiguous_loss_columns_are_refused_with_the_options_that_name_one(read, header, named) -> None:
    with pytest.raises(InputError, match=rf"Received: {named}.*--train-column and --val-column"):
        read(f"{header}\n{','.join(['0'] * (header.count(',') + 1))}\n")


def test_an_unknown_column_is_refused_with_the_names_of_the_others(read) -> None:
    with pytest.raises(InputError, match=r"No column 'c' in .* for --val-column\. Available: a, b\."):
        read("a,b\n1,2\n", train_column="a", val_column="c")


def test_one_column_is_not_both_losses(read) -> None:
    with pytest.raises(InputError, match="Expected two columns"):
        read("a,b\n1,2\n", train_column="a", val_column="a")


@pytest.mark.parametrize("name", ["accuracy", "val_auc", "F1", "top5_acc", "mAP", "dice"])
def test_a_measure_that_is_better_when_higher_is_no_loss(read, name) -> None:
    with pytest.raises(InputError, match="better when higher"):
        read(f"epoch,{name}\n0,0.5\n", train_column=name)


def test_a_log_of_accuracies_alone_has_no_loss(read) -> None:
    history = read("epoch,accuracy,val_accuracy\n0,0.5,0.4\n")
    assert set(history.measures) == {"accuracy", "val_accuracy"}
    assert history.notes[0].startswith("There is no column with a loss")
    assert history.best_epoch is None


def test_a_negated_loss_of_scikit_learn_is_no_loss(read) -> None:
    history = read("epoch,train_neg_log_loss,val_neg_log_loss\n0,-0.7,-0.8\n")
    assert not {"loss", "val_loss"} & history.measures.keys()


def test_accuracy_in_percent_becomes_a_share(read) -> None:
    history = read("epoch,loss,accuracy,val_accuracy\n0,2.5,0.9,40\n1,2,60,75\n")
    assert history.measures["accuracy"] == pytest.approx((0.009, 0.6))
    assert history.measures["val_accuracy"] == (0.4, 0.75)
    assert history.measures["loss"] == (2.5, 2.0)
    assert history.notes == ("'accuracy' is in percent in the log: divided by 100.",)
