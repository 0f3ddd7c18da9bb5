"""The first task to finish may have failed; to get the first success, keep waiting."""

# also compared with: down=0
# also compared with: down=4

import asyncio
import os

DOWN = int(os.environ.get("KNOB_DOWN", 2))


# ANCHOR: first_success
async def first_success(tasks: list[asyncio.Task]) -> str:
    errors = []
    for task in asyncio.as_completed(tasks):
        try:
            answer = await task
        except ConnectionError as error:
            errors.append(error)
        else:
            for loser in tasks:
                loser.cancel()
            await asyncio.wait(tasks)
            return answer
    raise ExceptionGroup("no mirror has it", errors)
# ANCHOR_END: first_success


async def call(mirror: str, n: int) -> str:
    await asyncio.sleep(0.05 * (n + 1))
    if n < DOWN:
        print(f"{mirror} is down")
        raise ConnectionError(f"{mirror} is down")
    return mirror


async def main() -> None:
    mirrors = ["oslo", "bern", "lima", "kyiv"]
    tasks = [asyncio.create_task(call(name, n)) for n, name in enumerate(mirrors)]
    try:
        print(f"{await first_success(tasks)} has it")
    except ExceptionGroup as group:
        reasons = ", ".join(str(error) for error in group.exceptions)
        print(f"{group.message}: {reasons}")


asyncio.run(main())
