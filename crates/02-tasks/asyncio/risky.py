"""`gather` raises the first error while the other tasks keep running; their results are lost."""

# also compared with: jobs=3
# also compared with: jobs=8

import asyncio
import os

JOBS = int(os.environ.get("KNOB_JOBS", 5))


# ANCHOR: risky
async def all_or_nothing() -> list[int]:
    return await asyncio.gather(*[job("risky", n) for n in range(JOBS)])


async def all_results() -> tuple[list[int], list[Exception]]:
    jobs = [job("safe", n) for n in range(JOBS)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    errors = [result for result in results if isinstance(result, Exception)]
    values = [result for result in results if not isinstance(result, BaseException)]
    return values, errors
# ANCHOR_END: risky


async def job(lane: str, n: int) -> int:
    await asyncio.sleep(0.03 * (n + 1))
    if n == 2:
        raise RuntimeError("job 2 broke")
    print(f"{lane}-{n} is done")
    return n


async def main() -> None:
    try:
        print(f"risky: {await all_or_nothing()}")
    except RuntimeError as error:
        print(f"risky: {error}, and all other results are lost")
    values, errors = await all_results()
    print(f"safe: {values}, and {len(errors)} failed")


asyncio.run(main())
