"""The caller's timeout and the work's own timeout error have the same exception type."""

# also compared with: limit=100ms
# also compared with: limit=600ms

import asyncio
import os

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.2))


# ANCHOR: whose
async def query(name: str, takes: float, broken: bool) -> None:
    try:
        async with asyncio.timeout(LIMIT) as limit:
            degrees = await read(takes, broken)
    except TimeoutError as error:
        # Both errors are caught here, so check whether the timeout of this function expired.
        if limit.expired():
            print(f"{name}: the caller's timeout expired")
        else:
            print(f"{name}: failed: {error}")
    else:
        print(f"{name}: {degrees} degrees")


async def read(takes: float, broken: bool) -> int:
    await asyncio.sleep(takes)
    if broken:
        raise TimeoutError("timed out")
    return 21
# ANCHOR_END: whose


async def main() -> None:
    await query("kitchen", 0.05, False)
    await query("cellar", 0.15, True)
    await query("garden", 0.5, False)


asyncio.run(main())
