"""Only the `except` that catches it shows which of two nested timeouts expired."""

# also compared with: step=500ms
# also compared with: job=300ms
# also compared with: step=70ms job=140ms

import asyncio
import os

STEP = float(os.environ.get("KNOB_STEP", 0.1))
JOB = float(os.environ.get("KNOB_JOB", 0.25))
STEPS = [("wash", 0.06), ("peel", 0.4), ("cut", 0.04), ("fry", 0.08)]


# ANCHOR: nested
async def cook(late: str, over: str) -> None:
    # `late` and `over` name the limit that expired, because a `TimeoutError` does not.
    try:
        async with asyncio.timeout(JOB):
            for step, takes in STEPS:
                try:
                    async with asyncio.timeout(STEP):
                        await work(takes)
                except TimeoutError:
                    print(f"{step}: skipped{late}")
                else:
                    print(f"{step}: done")
    except TimeoutError:
        print(f"{step}: the job is over{over}")


async def work(takes: float) -> None:
    await asyncio.sleep(takes)
# ANCHOR_END: nested


async def main() -> None:
    await cook("", "")
    late = f": not ready within {STEP * 1000:.0f}ms"
    await cook(late, f": the deadline of {JOB * 1000:.0f}ms passed")


asyncio.run(main())
