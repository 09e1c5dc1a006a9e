"""A run is good company: it leaves the event loop to others."""

from __future__ import annotations

from pathlib import Path

from mjflow.journal.sqlite import SqliteStore
from tests.client.worlds import mask
from tests.crowds.blocking import nothing_blocks
from tests.flow.runs import place
from tests.virtual import virtual_time

FLOW = """\
steps:
  - imagine: a {animal}
    images: [lighthouse.png]
  - click: U1
  - click: Vary (Region)
    prompt: a crown
    mask: mask.png
  - click: [U1, U2]
  - choose: {scorer: longest, best: 1}
  - download: "{animal}/{button}"
  - describe: current
"""


def longest(candidate: object) -> int:
    """Find all alike."""
    return len(repr(candidate))


@virtual_time
async def test_a_run_blocks_nobody(tmp_path: Path) -> None:
    """Reading rows, masks and pictures, scoring, writing files, keeping the journal: in threads."""
    picture = Path(__file__).parents[2] / "docs" / "examples" / "lighthouse.png"
    (tmp_path / "lighthouse.png").write_bytes(picture.read_bytes())
    (tmp_path / "mask.png").write_bytes(mask())
    (tmp_path / "flow.yaml").write_text(FLOW)
    (tmp_path / "rows.csv").write_text("animal\ncat\ndog\n")
    async with place(SqliteStore(tmp_path / "journal.db")) as here, here.client() as client:
        run = client.run(
            tmp_path / "flow.yaml",  # read at once: that is what its page says
            tmp_path / "rows.csv",
            out=tmp_path / "out",
            scorers={"longest": longest},
            run="flow",
        )
        with nothing_blocks():
            found = await run.collect()
            again = await client.resume("flow", scorers={"longest": longest}).collect()
    assert [str(branch.error) for item in found for branch in item.failures] == []
    assert again == found
