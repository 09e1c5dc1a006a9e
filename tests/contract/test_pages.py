"""The pages of the reference that the suite writes tell what it sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.__main__ import PAGES, main
from tests.docs.pages import DOCS, read

REFERENCE = DOCS / "reference"


#: Pages that take a minute to write.
LONG = {"faults.md"}


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "name", [pytest.param(page, marks=[pytest.mark.soak] * (page in LONG)) for page in PAGES]
)
def test_a_page_is_fresh(name: str) -> None:
    """The page in the repository is what the stories say today."""
    stale = "stale: run `python -m tests.contract --write docs/reference`"
    assert read(REFERENCE / name) == PAGES[name](), stale


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_the_pages_are_written_into_a_folder(tmp_path: Path) -> None:
    """The command writes all of its pages, and nothing else."""
    main(["--write", str(tmp_path)])
    assert {page.name: read(page) for page in tmp_path.iterdir()} == {
        name: page() for name, page in PAGES.items()
    }


def test_the_command_tells_the_story_of_one_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """Each of its cases has a line, with what was expected and what the manual says."""
    main(["lost-reply"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 16
    assert lines[0] == (
        "  lost-reply-submits-gateway-always: SubmissionInDoubt (expected SubmissionInDoubt): "
        "`SubmissionInDoubt` at once; not sent again"
    )
