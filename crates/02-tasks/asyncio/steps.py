"""Steps that depend on each other run one after the other; an exception decides the next step."""

# also compared with: step=1ms
# also compared with: step=250ms

import asyncio
import os

STEP = float(os.environ.get("KNOB_STEP", 0.1))


# ANCHOR: steps
async def serve(item: str) -> None:
    try:
        address = await deliver(item)
    except LookupError:
        await reorder(item)
    else:
        print(f"{item} is shipped to {address}")


async def deliver(item: str) -> str:
    shelf = await find(item)
    parcel = await pack(item, shelf)
    return await ship(parcel)
# ANCHOR_END: steps


async def find(item: str) -> int:
    await asyncio.sleep(STEP)
    return {"tea": 7}[item]


async def pack(item: str, shelf: int) -> int:
    print(f"{item} is found on shelf {shelf}")
    await asyncio.sleep(STEP)
    print(f"{item} is packed")
    return shelf * 100


async def ship(parcel: int) -> str:
    await asyncio.sleep(STEP)
    return "the harbour" if parcel > 500 else "the station"


async def reorder(item: str) -> None:
    print(f"{item} is sold out")
    await asyncio.sleep(STEP)
    print(f"{item} is ordered")


async def main() -> None:
    await serve("tea")
    await serve("coffee")


asyncio.run(main())
