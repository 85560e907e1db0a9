"""The small session that an author starts from."""

from __future__ import annotations

from pathlib import Path

from regulab.errors import InputError
from regulab.lab.ids import is_id

_FILES = {
    "session.yaml": """\
title: My session
summary: What the learner can do afterwards, in one or two sentences.
tasks:
  - id: count
    title: Count batches
    minutes: 3
# `regulab session check` uses these values in place of the setup's, to be quick.
try_with:
  EXAMPLES: 1000
""",
    "tasks/count.md": """\
Training goes through the examples in batches. How many batches does one epoch have? Assign the number to `batches`.

```{hint} What about the rest?
The last batch may be smaller than the others. It counts too.
```

```{verify}
```

```{solution}
Divide, and round up.
```
""",
    "notebook.md": """\
---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

```{code-cell} ipython3
:tags: [setup]

EXAMPLES = 1000
```

```{code-cell} ipython3
:tags: [task-1, starter]

batches = ...  # of 128 examples
```

```{code-cell} ipython3
:tags: [task-1, solution]

batches = -(-EXAMPLES // 128)
```
""",
    "checks/count.yaml": """\
asks:
  batches: number
reads: [EXAMPLES]
rules:
  - require: batches.value != EXAMPLES.value // 128
    when: EXAMPLES.value % 128 > 0
    seen: "`batches` is {batches.value}."
    why: That leaves out the last, smaller batch.
    next: Round up instead of down.
  - require: batches.value == ceil(EXAMPLES.value / 128)
    seen: "`batches` is {batches.value}."
    why: That is not the number of batches of 128 in {EXAMPLES.value} examples.
    next: Divide one by the other, and round up.
passed:
  why: "{EXAMPLES.value} examples make {batches.value} batches."
mistakes:
  - name: rounded down
    code: batches = EXAMPLES // 128
    says: leaves out the last, smaller batch
answers:
  - name: with the math module
    code: |
      import math
      batches = math.ceil(EXAMPLES / 128)
""",
}


def write(folder: Path) -> None:
    """Write the small session into a new folder.

    Raises:
        InputError: If the folder is not empty or cannot be written.
    """
    if not is_id(folder.name):
        raise InputError(
            f"Expected a folder whose name has only lower-case letters, digits and hyphens. Received: {folder.name}."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"Expected a new or an empty folder. Received: {folder}, which is not.")
    try:
        for name, text in _FILES.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"Expected a folder that can be written. Received: {folder} ({error.strerror}).") from None
