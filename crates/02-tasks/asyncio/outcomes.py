"""Every task has an outcome, and a cancelled task is not a success."""

# also compared with: jobs=2 cancel-at=0ms
# also compared with: jobs=10 cancel-at=90ms

import asyncio
import os

JOBS = int(os.environ.get("KNOB_JOBS", 5))
CANCEL_AT = float(os.environ.get("KNOB_CANCEL_AT", 0.03))


# ANCHOR: outcomes
async def outcomes() -> list[str]:
    tasks = [asyncio.create_task(job(n)) for n in range(JOBS)]
    await asyncio.sleep(CANCEL_AT)
    tasks[1].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return [outcome(result) for result in results]


def outcome(result: int | BaseException) -> str:
    match result:
        case asyncio.CancelledError():  # no subclass of `Exception`: needs its own case
            return "was cancelled"
        case Exception() as error:
            return f"failed, {error}"
        case value:
            return f"returned {value}"
# ANCHOR_END: outcomes


async def job(n: int) -> int:
    await asyncio.sleep(0.1)
    if n == 3:
        raise RuntimeError("job 3 is out of paper")
    return n * n


async def main() -> None:
    for n, result in enumerate(await outcomes()):
        print(f"job-{n}: {result}")


asyncio.run(main())
