from __future__ import annotations

import json
import threading
import time

import pytest

from regulab.lab.grading.probes import TRAININGS
from regulab.lab.guide.watching import NoFactsError, watched
from regulab.lab.kernel import facts_training

OVERFIT = {"loss": [0.6, 0.4, 0.3, 0.2, 0.1, 0.08], "val_loss": [0.6, 0.5, 0.55, 0.7, 0.8, 0.9]}
HEALTHY = {"loss": [0.6, 0.5, 0.45, 0.42, 0.41, 0.4], "val_loss": [0.62, 0.52, 0.47, 0.45, 0.44, 0.44]}


def facts(values, *, running=True, training="a"):
    return json.dumps([{"training": training, "running": running, "epochs": 20, "values": values}])


def codes(text):
    return [remark["code"] for remark in watched(text)["remarks"]]


def test_a_running_training_that_overfits_gets_a_remark():
    answer = watched(facts(OVERFIT))
    assert (answer["running"], answer["ended"]) == (True, [])
    [remark] = answer["remarks"]
    assert (remark["training"], remark["code"], remark["severity"]) == ("a", "OVERFITTING", "warning")
    assert "turned at epoch 2" in remark["html"]
    assert "training loss keeps falling" in remark["html"]
    assert remark["source"]["id"] == "findings/overfitting"


def test_the_remark_on_an_ended_training_says_where_it_ended():
    answer = watched(facts(OVERFIT, running=False))
    assert (answer["running"], answer["ended"]) == (False, ["a"])
    assert "training loss kept falling" in answer["remarks"][0]["html"]


def test_healthy_trainings_and_those_that_have_just_begun_get_no_remark():
    assert codes(facts(HEALTHY)) == []
    assert codes(facts({name: values[:2] for name, values in OVERFIT.items()})) == []
    assert codes(facts({})) == []


def test_a_loss_that_is_not_a_number_gets_a_remark_at_once():
    assert codes(facts({"loss": [0.5, None, None], "val_loss": [0.6, None, None]})) == ["NOT-A-NUMBER"]


def test_underfitting_is_remarked_on_only_at_the_end():
    flat = {
        "loss": [0.693] * 8,
        "val_loss": [0.693] * 8,
        "accuracy": [0.5] * 8,
        "val_accuracy": [0.5] * 8,
    }
    assert "UNDERFITTING" in codes(facts(flat, running=False))
    assert codes(facts(flat)) == []


def test_curves_without_a_loss_get_no_remark():
    assert codes(facts({"reward": [1.0, 2.0, 3.0, 4.0]})) == []


@pytest.mark.parametrize(
    "text", ["", "{}", "[3]", '[{"training": "a"}]', facts({"loss": ["0.5"]}), "[" * 5000, " " * 1_000_001]
)
def test_text_that_holds_no_facts_about_trainings_is_refused(text):
    with pytest.raises(NoFactsError):
        watched(text)


@pytest.fixture(scope="module")
def fit():
    import keras
    import numpy as np

    def start(epochs, callbacks=()):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        return model, model.fit(np.zeros((4, 2)), np.zeros((4, 1)), epochs=epochs, verbose=0, callbacks=list(callbacks))

    return start


@pytest.mark.slow
def test_a_running_training_is_seen_from_another_thread_without_a_callback_of_ours(fit):
    import keras

    seen = []

    def look(epoch, logs):
        # As the kernel's control thread does, while the cell's goes on inside `fit`.
        other = threading.Thread(target=lambda: seen.append(json.loads(facts_training.read({}))))
        other.start()
        while other.is_alive():
            time.sleep(0.001)

    fit(3, [keras.callbacks.LambdaCallback(on_epoch_begin=look)])
    assert [[training["running"] for training in facts] for facts in seen] == [[True], [True], [True]]
    assert [len(facts[0]["values"].get("loss", [])) for facts in seen] == [0, 1, 2]
    assert len({facts[0]["training"] for facts in seen}) == 1
    assert seen[0][0]["epochs"] == 3


@pytest.mark.slow
def test_a_training_that_has_ended_is_found_by_its_history_or_its_model_once(fit):
    model, history = fit(2)
    [facts] = json.loads(facts_training.read({"model": model, "history": history, "again": history}))
    assert (facts["running"], len(facts["values"]["loss"])) == (False, 2)
    assert json.loads(facts_training.read({"model": model}))[0]["training"] == facts["training"]
    assert facts_training.read({"history": history}, [facts["training"]]) == "[]"


@pytest.mark.slow
def test_the_expression_gives_the_facts_of_a_namespace(fit):
    _, history = fit(1)
    code = TRAININGS.replace("{known}", "[]")
    assert len(json.loads(eval(code, {"history": history}))) == 1
