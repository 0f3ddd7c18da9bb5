"""Two stages keep a book: it is committed only if no stage fails."""

import asyncio


async def read(statement, rows):
    for row in statement:
        await asyncio.sleep(0.02)
        if row == "?":
            raise ValueError("a row is damaged")
        print(f"reader has read {row}")
        await rows.put(row)
    await rows.put(None)


async def write(rows, book):
    while (row := await rows.get()) is not None:
        await asyncio.sleep(0.03)
        print(f"writer has written {row}")
        book.append(row)


async def keep(month, statement):
    rows, book = asyncio.Queue(1), []
    try:
        async with asyncio.TaskGroup() as stages:
            stages.create_task(read(statement, rows))
            stages.create_task(write(rows, book))
        print(f"{month} is committed: {len(book)} rows")
    except* ValueError as errors:
        print(f"{month} is dropped: {errors.exceptions[0]}")


async def main():
    await keep("may", ["rent", "salary", "?"])
    await keep("june", ["rent", "salary", "coffee"])


asyncio.run(main())
