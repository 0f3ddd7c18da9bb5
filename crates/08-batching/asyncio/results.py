"""One bad item among many: keep all results, or stop at the first error and keep some."""

# also compared with: size=1
# also compared with: size=4 at-once=1
# also compared with: size=2 at-once=5

import asyncio
import os
from collections import deque
from contextlib import aclosing

PRICES = "1 2 3 4 ? 6 7 8 9 10 11 12 13 14"
SIZE = int(os.environ.get("KNOB_SIZE", 3))
AT_ONCE = int(os.environ.get("KNOB_AT_ONCE", 3))


# ANCHOR: results
async def read(batch: list[str]) -> list[int | ValueError]:
    prices: list[int | ValueError] = []
    for word in batch:
        try:
            price: int | ValueError = int(word)
            await asyncio.sleep(0.01)
        except ValueError:
            price = ValueError(f"{word} is no price")
            await asyncio.sleep(0.015)
        prices.append(price)
    return prices


async def all_prices():
    words = PRICES.split()
    window: deque[asyncio.Task[list[int | ValueError]]] = deque()
    try:
        for start in range(0, len(words), SIZE):
            window.append(asyncio.create_task(read(words[start : start + SIZE])))
            if len(window) == AT_ONCE:
                for price in await window.popleft():
                    yield price
        while window:
            for price in await window.popleft():
                yield price
    finally:
        for task in window:
            task.cancel()


async def keep_all() -> list[int | ValueError]:
    return [price async for price in all_prices()]


async def until_an_error() -> tuple[list[int], ValueError | None]:
    kept: list[int] = []
    async with aclosing(all_prices()) as prices:
        async for price in prices:
            if isinstance(price, ValueError):
                return kept, price
            kept.append(price)
    return kept, None
# ANCHOR_END: results


async def main() -> None:
    print("keep all")
    for price in await keep_all():
        print(price)
    print("stop at the first error")
    kept, error = await until_an_error()
    print(f"kept {kept}, then: {error or 'the end'}")


asyncio.run(main())
