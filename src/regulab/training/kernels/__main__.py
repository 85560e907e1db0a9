"""Compile the kernels before their first use: `python -m regulab.training.kernels`."""

from __future__ import annotations

import numpy as np

from regulab.data.dataset import Split
from regulab.training.kernels import codes
from regulab.training.kernels.examples import as_examples
from regulab.training.kernels.model_spec import DenseSpec, ModelSpec, OptimizerSpec
from regulab.training.kernels.trainer import Trainer


def main() -> None:
    """Train a model of one unit on two examples: the compiled code is the same for every model."""
    layer = DenseSpec(
        inputs=1,
        units=1,
        activation=codes.SIGMOID,
        bias=True,
        kernel_penalty=(0.0, 0.0),
        bias_penalty=(0.0, 0.0),
        kernel_decays=False,
        bias_decays=False,
    )
    adam = OptimizerSpec(codes.ADAM, 0.9, 0.999, 1e-7, 0.0, 0.001)
    spec = ModelSpec((layer,), codes.BINARY_CROSSENTROPY, 0.0, (), adam)
    examples = as_examples(Split(np.eye(2, 1), np.eye(2, 1)))
    trainer = Trainer([spec], [[np.zeros((1, 1)), np.zeros(1)]], examples, batch_size=2)
    trainer.train(np.arange(2))
    trainer.measure(examples, np.arange(2))


if __name__ == "__main__":
    main()
