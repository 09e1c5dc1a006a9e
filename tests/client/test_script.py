"""A whole program, in a process of its own, in real time."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import mjflow
from mjflow.simulator import Simulator

SCRIPT = """
import asyncio, mjflow

async def main():
    async with mjflow.Client(max_in_flight=None) as client:
        task = await client.imagine("a cute cat --v 6.1")
        await client.imagine("a dog").click("U1").download("out/")
        async for done in client.as_completed(client.imagine(f"prompt {i}") for i in range(50)):
            print(done.id, done.outcome)

asyncio.run(main())
"""


async def test_a_program_of_ten_lines_runs_clean_and_pays_for_what_it_asked(
    tmp_path: Path,
) -> None:
    """No warning, no leak that the development mode sees, 53 charges, one picture."""
    # Fast enough for every task to be over at its first look, or its second.
    async with Simulator(speed=2000.0) as simulator:
        environment = {
            **os.environ,
            "MJFLOW_BASE_URL": simulator.base_url,
            "MJFLOW_API_KEY": "sk-test",
            "MJFLOW_POLL_INTERVAL": "0.1",
            "PYTHONPATH": str(Path(mjflow.__file__).parents[1]),
        }
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-X", "dev", "-c", SCRIPT),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=tmp_path,
            env=environment,
        )
        out, err = await program.communicate()
        ledger = simulator.ledger
    # The development mode also tells how long the first use of mjflow took, which imports it.
    said = [line for line in err.decode().splitlines() if not line.startswith("Executing <")]
    assert (program.returncode, said) == (0, [])
    assert len(out.splitlines()) == 50
    assert len(ledger.charges) == 53
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    u1 = ledger.charges[2].task_id
    assert names == [f"U1-{u1}.png", f"U1-{u1}.png.json"]
