"""Each team has its own list of tasks, its own semaphore, and a loop that cancels its tasks."""

# also compared with: at-once=1 patience=2s
# also compared with: at-once=2 patience=550ms

import asyncio
import os

PERMITS = int(os.environ.get("KNOB_AT_ONCE", 3))
TIME_LIMIT = float(os.environ.get("KNOB_PATIENCE", 0.45))


# ANCHOR: teams
async def run_teams() -> list[list[int]]:
    teams = {
        "north": (range(1, 4), 5.0),
        "south": (range(4, 7), TIME_LIMIT),
        "west": (range(7, 10), 5.0),
    }
    async with asyncio.TaskGroup() as group:
        all_teams = [
            group.create_task(run_team(name, start(jobs), time_limit))
            for name, (jobs, time_limit) in teams.items()
        ]
    return [team.result() for team in all_teams]


def start(jobs: range) -> list[asyncio.Task]:
    permits = asyncio.Semaphore(PERMITS)
    return [asyncio.create_task(job(n, permits)) for n in jobs]


async def run_team(name: str, tasks: list[asyncio.Task], time_limit: float) -> list[int]:
    try:
        done, pending = await asyncio.wait(tasks, timeout=time_limit)
        results = [task.result() for task in tasks if task in done]
        print(f"{name} finished {results}, cancelled {len(pending)}")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    return results


async def job(n: int, permits: asyncio.Semaphore) -> int:
    async with permits:
        await asyncio.sleep(0.1 * n)
        return n
# ANCHOR_END: teams


print(asyncio.run(run_teams()))
