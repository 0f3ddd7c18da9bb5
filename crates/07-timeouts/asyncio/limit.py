"""When a timeout expires, the wait ends, and the work that it waited for is cancelled."""

# also compared with: limit=120ms
# also compared with: limit=600ms

import asyncio
import os

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.2))


# ANCHOR: limit
async def age_within(limit: float, name: str, takes: float) -> None:
    try:
        # `await asyncio.wait_for(age(name, takes), limit)` does the same.
        async with asyncio.timeout(limit):
            answer = await age(name, takes)
    except TimeoutError:
        print(f"no answer about {name} before the timeout")
    else:
        print(f"{name} is {answer}" if answer else f"there is no {name}")


async def age(name: str, takes: float) -> int | None:
    print(f"{name} look-up starts")
    await asyncio.sleep(takes)
    print(f"{name} look-up ends")
    return None if name == "bob" else 36
# ANCHOR_END: limit


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        for name, takes in [("ada", 0.1), ("bob", 0.15), ("eve", 0.5)]:
            group.create_task(age_within(LIMIT, name, takes))


asyncio.run(main())
