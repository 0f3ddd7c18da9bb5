"""A coroutine that nobody awaits does nothing; a warning on stderr is all that tells."""

# also compared with: customers=5

import asyncio
import os

CUSTOMERS = int(os.environ.get("KNOB_CUSTOMERS", 3))


# ANCHOR: unawaited
def wrong() -> int:
    told = []
    for n in range(CUSTOMERS):
        tell(n, told)
    return len(told)


async def right() -> int:
    told = []
    for n in range(CUSTOMERS):
        await tell(n, told)
    return len(told)


async def tell(n: int, told: list[int]) -> None:
    await asyncio.sleep(0.05)
    told.append(n)
# ANCHOR_END: unawaited


async def main() -> None:
    print(f"not awaited: {wrong()} of {CUSTOMERS} customers were told")
    print(f"awaited: {await right()} of {CUSTOMERS} customers were told")


asyncio.run(main())
