"""Whether a Keras model overfits, why, and which regularization really helps.

The public names are loaded when they are first used: `import regulab` imports no TensorFlow.

Example:
    >>> import regulab as rl
    >>> "Study" in dir(rl)
    True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulab import data as data
    from regulab.diagnosis.logs import diagnose as diagnose
    from regulab.errors import InputError as InputError
    from regulab.errors import RegulabError as RegulabError
    from regulab.figures.history import plot_history as plot_history
    from regulab.models.default_model import default_model as default_model
    from regulab.play.playground import playground as playground
    from regulab.results import Results as Results
    from regulab.results import load as load
    from regulab.run_comparison import compare_runs as compare_runs
    from regulab.study import Study as Study
    from regulab.variants import Variant as Variant
    from regulab.variants import depth as depth
    from regulab.variants import dropout as dropout
    from regulab.variants import ema as ema
    from regulab.variants import gaussian_noise as gaussian_noise
    from regulab.variants import l1 as l1
    from regulab.variants import l1_l2 as l1_l2
    from regulab.variants import l2 as l2
    from regulab.variants import label_smoothing as label_smoothing
    from regulab.variants import max_norm as max_norm
    from regulab.variants import regularize as regularize
    from regulab.variants import train_size as train_size
    from regulab.variants import weight_decay as weight_decay
    from regulab.variants import width as width

_VARIANTS = (
    "Variant depth dropout ema gaussian_noise l1 l1_l2 l2 label_smoothing max_norm regularize train_size "
    "weight_decay width"
)
_HOMES = {
    "InputError": "regulab.errors",
    "RegulabError": "regulab.errors",
    "Results": "regulab.results",
    "Study": "regulab.study",
    "compare_runs": "regulab.run_comparison",
    "data": "regulab.data",
    "default_model": "regulab.models.default_model",
    "diagnose": "regulab.diagnosis.logs",
    "load": "regulab.results",
    "playground": "regulab.play.playground",
    "plot_history": "regulab.figures.history",
} | dict.fromkeys(_VARIANTS.split(), "regulab.variants")

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'regulab' has no attribute '{name}'. Available: {', '.join(__all__)}.")
    home = import_module(_HOMES[name])
    value = home if _HOMES[name] == f"regulab.{name}" else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
