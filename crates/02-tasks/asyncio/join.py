"""`gather` overlaps its coroutines and returns their values in the order of its arguments."""

# also compared with: longest=450ms

import asyncio
import os

LONGEST = float(os.environ.get("KNOB_LONGEST", 0.3))


# ANCHOR: join
async def three() -> list[str]:
    return await asyncio.gather(part("A", LONGEST), part("B", 0.2), part("C", 0.1))


async def listed(names: list[str]) -> list[str]:
    parts = [part(name, 0.04 * n) for n, name in enumerate(names, start=1)]
    return await asyncio.gather(*parts)


async def in_one_task() -> bool:
    async def own_task() -> asyncio.Task:
        return asyncio.current_task()

    one, other = await asyncio.gather(own_task(), own_task())
    return one is other
# ANCHOR_END: join


async def part(name: str, takes: float) -> str:
    print(f"{name} starts")
    await asyncio.sleep(takes)
    print(f"{name} is done")
    return f"R({name})"


async def main() -> None:
    print(f"{' '.join(await three())}, in the order of the arguments")
    print(f"a list: {' '.join(await listed(['D', 'E', 'F']))}")
    print(f"all in the same task: {str(await in_one_task()).lower()}")


asyncio.run(main())
