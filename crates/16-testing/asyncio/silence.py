"""A text is saved when no key was pressed for some time, and not earlier."""

# also compared with: quiet=10ms

import asyncio
import os
from collections.abc import Callable

QUIET = float(os.environ.get("KNOB_QUIET", 0.05))


# ANCHOR: silence
async def save_when_quiet(
    keys: asyncio.Queue[str | None], quiet: float, save: Callable[[str], None]
) -> None:
    while key := await keys.get():
        text = ""
        while key:
            text += key
            try:
                async with asyncio.timeout(quiet):
                    key = await keys.get()
            except TimeoutError:
                break
        save(text)
        if key is None:
            return
# ANCHOR_END: silence


async def type_keys(keys: asyncio.Queue[str | None]) -> None:
    for key, pause in [("a", 0.03), ("b", 0.03), ("c", 0.2), ("d", 0)]:
        print(f"typist presses {key}")
        await keys.put(key)
        await asyncio.sleep(pause)
    await keys.put(None)


async def main() -> None:
    keys = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(
            save_when_quiet(keys, QUIET, lambda text: print(f'saver saves "{text}"'))
        )
        group.create_task(type_keys(keys))


asyncio.run(main())
