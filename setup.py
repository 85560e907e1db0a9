"""What pyproject.toml cannot say: a wheel carries the documentation's pages, which the lab's guide answers from."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

DOCS = Path("docs")


class BuildWithDocs(build_py):
    """Copies `docs/**/*.md` to `regulab/docs`. In a checkout the guide reads them where they are."""

    def run(self) -> None:
        """Build, and add the pages."""
        super().run()
        if self.editable_mode:
            return
        for page in sorted(DOCS.rglob("*.md")):
            if "_build" in page.parts:
                continue
            target = Path(self.build_lib, "regulab", page)
            self.mkpath(str(target.parent))
            self.copy_file(str(page), str(target))


setup(cmdclass={"build_py": BuildWithDocs})
