"""Draw docs/images/course.png and write a run's table into README.md.

`python docs/make_figures.py` runs the bundled, synthetic study first, which takes about a minute and leaves
nothing else behind. `python docs/make_figures.py RUN` takes a run folder that exists.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import regulab as rl
from regulab.cli.table import print_results
from regulab.errors import RegulabError
from regulab.figures.curves import curves, draw_curves
from regulab.figures.legends import line_style_entries
from regulab.figures.save import save
from regulab.figures.style import context, figure_title, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOCS = Path(__file__).parent
README = DOCS.parent / "README.md"
FIGURE = DOCS / "images" / "course.png"
MARKS = ("<!-- output of `regulab run` -->", "<!-- end of output -->")
PANELS = {
    "Size": ("baseline", "smaller", "bigger"),
    "Regularization": ("baseline", "l2", "dropout", "l2+dropout"),
}


def main(arguments: list[str]) -> int:
    """Make the figure and the table; returns the exit code."""
    if len(arguments) > 1:
        print("Usage: python docs/make_figures.py [RUN]", file=sys.stderr)
        return 2
    try:
        if arguments:
            write(rl.load(arguments[0]))
        else:
            with tempfile.TemporaryDirectory() as folder:
                run = Path(folder) / "reviews"
                subprocess.run(
                    [sys.executable, "-m", "regulab", "run", "--out", str(run)], check=True, stdout=sys.stderr
                )
                write(rl.load(run))
    except RegulabError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(f"Wrote {FIGURE} and the table in {README}.")
    return 0


def write(results: rl.Results) -> None:
    """Write both files."""
    FIGURE.parent.mkdir(exist_ok=True)
    save(draw_course(results), FIGURE)
    README.write_text(with_output(README.read_text(encoding="utf-8"), printed(results)), encoding="utf-8")


def draw_course(results: rl.Results) -> Figure:
    """The course's six models in two panels on one scale: what size does, and what regularization does."""
    with context():
        figure = new_figure(9.6, 5.6, shown=False)
        for ax, (heading, names) in zip(figure.subplots(1, 2, sharey=True), PANELS.items(), strict=True):
            record = curves(results.histories, variants=names)
            draw_curves(record, ax=ax)
            ax.set_title(heading)
            ax.label_outer()
            named = [handle for handle in ax.get_legend().legend_handles if str(handle.get_label()).strip()]
            # Below the panels, so that they share the width between them.
            below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.13), "columnspacing": 1.2}
            ax.legend(handles=named[: len(names)], ncols=2, **below)
        figure.legend(handles=line_style_entries(record.curves), loc="outside lower center", ncols=4)
        title = figure_title("The course's six models, epoch by epoch", str(results.study["data"]["title"]))
        figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    return figure


def printed(results: rl.Results) -> str:
    """What `regulab run` prints for these results, up to the line that names the run folder."""
    os.environ["COLUMNS"] = "100"
    out = StringIO()
    with redirect_stdout(out):
        print_results(results)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    return "\n".join(line for line in lines if not line.startswith("Run folder:"))


def with_output(page: str, output: str) -> str:
    """The page with the output between its marks."""
    start, end = map(re.escape, MARKS)
    block = f"{MARKS[0]}\n```text\n{output}\n```\n{MARKS[1]}"
    return re.sub(f"{start}.*?{end}", lambda _: block, page, flags=re.DOTALL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
