//! capstone_jobs · 60 minutes · a job queue that survives its workers
//!
//! A map is rendered in tiles, one job each, by machines that may crash or lose their power at any
//! `await`. Write `Queue`, which delivers the tiles, and `Delivery`, which a machine holds while it renders:
//!
//! 1. `next` delivers the tiles in the order in which they were added. If there is none, it waits until
//!    there is one, and uses no processor time meanwhile.
//! 2. If a machine ends in any way before `done`, its tile is delivered again. A `next` that is cancelled
//!    loses no tile.
//! 3. A tile is with at most one machine at a time, however long that takes, and after `done` it is not
//!    delivered again.
//! 4. A tile is delivered at most `attempts` times. If it is not done then, it is a dead letter.
//! 5. After the call of `stop`, `add` returns each tile as an error. `stop` returns when each tile is done
//!    or a dead letter. Then each `next` that waits returns `None`, and not earlier.
//!
//! The tests have the numbers of the points: the lowest one that fails is the next step.
//!
//! Section: `cargo run -p queues -- redelivery`. Code: crates/05-queues/src/redelivery.rs.
//! Page: docs/src/05-queues.md.

use std::{
    collections::VecDeque,
    panic::resume_unwind,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::{join, spawn, time::sleep};

/// The name of a tile.
type Tile = &'static str;

// TODO: write it, one point after the other. Add fields and types as you need; the tests use only these
// functions.
// - Which changes must wake a waiting `next`? Which of them more than one?
// - Which code runs in each case: when a machine panics, is aborted, or returns?
// - When is the work finished? An empty queue is not enough.
/// The queue. A clone is a handle to the same queue.
#[derive(Clone)]
struct Queue {
    tiles: Arc<Mutex<VecDeque<Tile>>>,
}

impl Queue {
    /// Each tile is delivered at most `attempts` times.
    fn new(attempts: u32) -> Self {
        Self { tiles: Arc::default() }
    }

    /// Adds a tile, or returns it if the queue is stopped.
    fn add(&self, tile: Tile) -> Result<(), Tile> {
        self.tiles.lock().unwrap().push_back(tile);
        Ok(())
    }

    /// Waits for the next tile. `None` if the queue is stopped and there will never be one.
    async fn next(&self) -> Option<Delivery> {
        let tile = self.tiles.lock().unwrap().pop_front()?;
        Some(Delivery { tile })
    }

    /// Accepts no more tiles, and waits until each is done or a dead letter.
    async fn stop(&self) {}

    fn dead_letters(&self) -> Vec<Tile> {
        Vec::new()
    }
}

/// A tile, with the machine that renders it.
struct Delivery {
    tile: Tile,
}

impl Delivery {
    fn tile(&self) -> Tile {
        self.tile
    }

    /// The tile is rendered.
    fn done(self) {}
}

/// The render farm, and what it has seen. Do not change it.
#[derive(Default)]
struct Farm {
    /// Tiles that crash machines, and how many each of them crashes before a machine succeeds.
    crashes: Vec<(Tile, usize)>,
    begun: Mutex<Vec<Tile>>,
    rendered: Mutex<Vec<Tile>>,
}

impl Farm {
    fn new(crashes: &[(Tile, usize)]) -> Arc<Self> {
        Arc::new(Self { crashes: crashes.to_vec(), ..Self::default() })
    }

    /// Renders a tile in 50 ms, and the tile `ocean` in 100 s.
    async fn render(&self, tile: Tile) {
        let earlier = self.begun(tile);
        self.begun.lock().unwrap().push(tile);
        say!("begins {tile}");
        let time = if tile == "ocean" { 100.secs() } else { 50.ms() };
        sleep(time).step("render").await;
        if self.crashes.iter().any(|it| it.0 == tile && it.1 > earlier) {
            say!("crashes at {tile}");
            // A panic that prints nothing.
            resume_unwind(Box::new("a crash"));
        }
        say!("has rendered {tile}");
        self.rendered.lock().unwrap().push(tile);
    }

    fn begun(&self, tile: Tile) -> usize {
        self.begun.lock().unwrap().iter().filter(|it| **it == tile).count()
    }
}

/// A machine. Do not change it.
async fn machine(queue: Queue, farm: Arc<Farm>) {
    while let Some(delivery) = queue.next().await {
        farm.render(delivery.tile()).await;
        delivery.done();
    }
    say!("has no more tiles");
}

/// Runs the machines until each has ended. One that has crashed is started again. Do not change it.
async fn run_machines(count: usize, queue: Queue, farm: Arc<Farm>) {
    let start = async |number| {
        let name = format!("machine-{number}");
        while spawn(machine(queue.clone(), farm.clone()).lane(&name)).await.is_err() {}
    };
    join_all((1..=count).map(start)).await;
}

async fn run() -> (Vec<Tile>, Vec<Tile>) {
    let (queue, farm) = (Queue::new(3), Farm::new(&[("lake", 1), ("volcano", 9)]));
    for tile in ["hill", "lake", "volcano", "wood", "moor"] {
        queue.add(tile).expect("the queue is open");
    }
    join!(run_machines(2, queue.clone(), farm.clone()), async {
        sleep(60.ms()).await;
        queue.stop().await;
        say!("the queue has stopped");
    });
    let rendered = farm.rendered.lock().unwrap().clone();
    (rendered, queue.dead_letters())
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        pin::pin,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::SeqCst},
        },
    };

    use async_kit::{Lane, Millis, exercise};
    use tokio::{
        join, spawn,
        time::{sleep, timeout},
    };

    use super::{Farm, Queue, Tile, machine, run_machines};

    fn queue_of(attempts: u32, tiles: &[Tile]) -> Queue {
        let queue = Queue::new(attempts);
        for tile in tiles {
            queue.add(tile).expect("the queue is open");
        }
        queue
    }

    /// Lets machines render these tiles for 150 s, without a stop. The output is the dead letters.
    #[track_caller]
    fn observe_machines(
        machines: usize,
        tiles: &'static [Tile],
        farm: &Arc<Farm>,
    ) -> exercise::Observed<Vec<Tile>> {
        let farm = farm.clone();
        exercise::observe(async move {
            let queue = queue_of(3, tiles);
            let _ =
                timeout(150.secs(), run_machines(machines, queue.clone(), farm)).await;
            queue.dead_letters()
        })
    }

    #[test]
    fn point_1_a_machine_waits_for_a_tile_that_is_added_later() {
        let farm = Farm::new(&[]);
        let seen = farm.clone();
        let run = exercise::observe(async move {
            let queue = Queue::new(3);
            let later = async {
                for tile in ["hill", "lake", "wood"] {
                    sleep(105.ms()).await;
                    let _ = queue.add(tile);
                }
                sleep(400.ms()).await;
            };
            let _ = timeout(600.ms(), async {
                join!(run_machines(2, queue.clone(), farm), later)
            })
            .await;
        });
        let begun = seen.begun.lock().unwrap().clone();
        run.require(
            begun.iter().filter(|tile| **tile == "hill").count() <= 1,
            format!("no machine crashed, and the machines began {begun:?}"),
            "each tile is begun once",
            "A `drop` that returns the tile runs after `done` too: `done` must prevent it.",
        );
        run.require(
            begun == ["hill", "lake", "wood"],
            format!("the machines began {begun:?}"),
            r#"["hill", "lake", "wood"]"#,
            "An empty queue is not the end: while the queue is not stopped, `next` waits.",
        );
        let begins: Vec<_> =
            run.lines().iter().filter(|it| it.text.starts_with("begins")).collect();
        let times: Vec<_> = begins.iter().map(|it| it.at.as_millis()).collect();
        run.require(
            times == [105, 210, 315],
            format!("they began at {times:?} ms"),
            "at [105, 210, 315] ms, when the tiles were added",
            "A loop that looks again after a sleep is late: let `add` wake a `next` that waits.",
        );
    }

    #[test]
    fn point_1_the_tiles_are_delivered_in_their_order() {
        let farm = Farm::new(&[]);
        let run = observe_machines(1, &["hill", "lake", "wood"], &farm);
        let begun = farm.begun.lock().unwrap().clone();
        run.require(
            begun == ["hill", "lake", "wood"],
            format!("one machine began {begun:?}"),
            r#"["hill", "lake", "wood"]"#,
            "Add at one end of the queue, and take from the other.",
        );
    }

    #[test]
    fn point_1_a_next_that_waits_is_not_polled() {
        let polls = Arc::new(AtomicUsize::new(0));
        let counter = polls.clone();
        let run = exercise::observe(async move {
            let queue = Queue::new(3);
            let mut next = pin!(queue.next());
            let counted = poll_fn(|context| {
                counter.fetch_add(1, SeqCst);
                next.as_mut().poll(context)
            });
            let _ = timeout(10.secs(), counted).await;
        });
        let polls = polls.load(SeqCst);
        run.require(
            polls < 10,
            format!("a `next` that waited for 10 s was polled {polls} times"),
            "fewer than 10 times",
            "It looks at the queue again and again: wait until something has changed.",
        );
    }

    #[test]
    fn point_2a_the_tile_of_a_crashed_machine_is_delivered_again() {
        let farm = Farm::new(&[("lake", 1)]);
        let run = observe_machines(2, &["hill", "lake", "wood"], &farm);
        let mut rendered = farm.rendered.lock().unwrap().clone();
        rendered.sort_unstable();
        run.require(
            rendered == ["hill", "lake", "wood"],
            format!("after the crash of the machine with lake, {rendered:?} are rendered"),
            r#"["hill", "lake", "wood"]"#,
            "The tile is lost with its machine. `drop` runs on every exit, also on a panic or an abort.",
        );
    }

    #[test]
    fn point_2b_a_tile_is_rendered_wherever_a_machine_loses_its_power() {
        exercise::cancelled_everywhere(
            async || {
                let (queue, farm) = (Queue::new(3), Farm::new(&[]));
                let (later, spare) =
                    (queue.clone(), machine(queue.clone(), farm.clone()));
                spawn(async move {
                    sleep(10.ms()).await;
                    spawn(timeout(1.secs(), spare.lane("spare")));
                    sleep(10.ms()).await;
                    let _ = (later.add("hill"), later.add("lake"));
                });
                (queue, farm)
            },
            async |(queue, farm)| {
                if let Some(delivery) = queue.next().await {
                    farm.render(delivery.tile()).await;
                    delivery.done();
                }
            },
            async |(_, farm)| {
                let mut rendered = farm.rendered.lock().unwrap().clone();
                rendered.sort_unstable();
                match rendered == ["hill", "lake"] {
                    true => Ok(()),
                    false => Err(format!("of hill and lake, {rendered:?} are rendered")),
                }
            },
            "A tile that was taken must come back when the future is dropped, and wake a \
             machine that waits.",
        );
    }

    #[test]
    fn point_3_a_tile_that_is_done_or_slow_is_not_delivered_again() {
        let farm = Farm::new(&[]);
        let run = observe_machines(2, &["hill", "ocean"], &farm);
        let early = run
            .lines()
            .iter()
            .filter(|it| it.at < 100.secs() && it.text == "begins ocean");
        let early = early.count();
        run.require(
            early == 1,
            format!("ocean takes 100 s, and meanwhile {early} machines began it"),
            "1",
            "A slow machine is alive. Its end must return the tile, and not a timer.",
        );
        let begun = farm.begun("hill");
        run.require(
            begun == 1,
            format!("hill was done, and it was begun {begun} times"),
            "1",
            "A `drop` that returns the tile runs after `done` too: `done` must prevent it.",
        );
    }

    #[test]
    fn point_4_a_tile_that_is_never_done_becomes_a_dead_letter() {
        let farm = Farm::new(&[("volcano", 100), ("lake", 2)]);
        let run = observe_machines(2, &["volcano", "hill", "lake", "wood"], &farm);
        let begun = farm.begun("volcano");
        run.require(
            begun == 3,
            format!("volcano, which crashes each machine, was delivered {begun} times"),
            "3 times, as `attempts` allows",
            "The number of deliveries belongs to the tile: it goes back into the queue with it, and \
             `attempts` counts the first delivery too.",
        );
        let dead = run.output();
        run.require(
            *dead == ["volcano"],
            format!("the dead letters are {dead:?}"),
            r#"["volcano"]: lake was done in its third delivery"#,
            "After its last allowed delivery a tile that is not done moves to the dead letters.",
        );
    }

    #[test]
    fn point_5a_a_stopped_queue_accepts_no_tile() {
        let run = exercise::observe(async {
            let queue = Queue::new(3);
            let _ = timeout(1.secs(), queue.stop()).await;
            queue.add("hill")
        });
        run.returns(
            Err("hill"),
            "No machine will render it: the caller must learn that.",
        );
    }

    #[test]
    fn point_5d_the_tiles_that_wait_are_rendered_before_the_stop_ends() {
        let farm = Farm::new(&[]);
        let seen = farm.clone();
        let run = exercise::observe(async move {
            let queue = queue_of(3, &["hill", "lake", "wood"]);
            spawn(machine(queue.clone(), farm).lane("machine"));
            sleep(10.ms()).await;
            let _ = timeout(10.secs(), queue.stop()).await;
        });
        let rendered = seen.rendered.lock().unwrap().clone();
        run.require(
            rendered == ["hill", "lake", "wood"],
            format!("when `stop` returned, {rendered:?} were rendered"),
            r#"["hill", "lake", "wood"]"#,
            "A stop accepts no new tiles, but it drains the queue: no tile that was accepted is lost.",
        );
    }

    #[test]
    fn point_5c_a_stop_waits_for_the_tiles_that_machines_hold() {
        let farm = Farm::new(&[("lake", 1)]);
        let seen = farm.clone();
        let run = exercise::observe(async move {
            let queue = queue_of(3, &["lake"]);
            spawn(machine(queue.clone(), farm.clone()).lane("machine-1"));
            spawn(machine(queue.clone(), farm.clone()).lane("machine-2"));
            sleep(10.ms()).await;
            timeout(10.secs(), queue.stop()).await.is_ok()
        });
        let rendered = seen.rendered.lock().unwrap().clone();
        run.require(
            rendered == ["lake"] || !run.output(),
            format!("`stop` returned, and of lake, which crashed a machine, {rendered:?} is rendered"),
            r#"["lake"]"#,
            "The queue was empty, but a machine still had a tile: that is not the end of the work.",
        );
        let left = run.lines().iter().any(|it| it.text == "has no more tiles");
        run.require(
            rendered == ["lake"] || !left,
            "machine-2 got `None`, so nothing renders the tile that came back from machine-1",
            "machine-2 waits",
            "`next` returns `None` only if the queue is stopped and no machine has a tile.",
        );
        run.require(
            rendered == ["lake"],
            "machine-1 crashed with lake, and machine-2, which waits, did not get it",
            "machine-2 gets it",
            "A tile that comes back must wake a `next`, and not only `stop`.",
        );
        run.returns(true, "Each tile is done: the last `done` must wake `stop`.");
    }

    #[test]
    fn point_5e_a_stop_ends_with_a_dead_letter_too() {
        let farm = Farm::new(&[("volcano", 9)]);
        let run = exercise::observe(async move {
            let queue = queue_of(1, &["volcano"]);
            spawn(machine(queue.clone(), farm).lane("machine"));
            sleep(10.ms()).await;
            timeout(10.secs(), queue.stop()).await.is_ok()
        });
        run.returns(
            true,
            "The last tile is a dead letter, and `stop` still waits: wake it then too.",
        );
    }

    #[test]
    fn point_5b_each_machine_that_waits_ends_after_the_stop() {
        let run = exercise::observe(async {
            let (queue, farm) = (queue_of(3, &["hill", "lake"]), Farm::new(&[]));
            let machines = spawn(run_machines(5, queue.clone(), farm));
            sleep(10.ms()).await;
            let _ = timeout(10.secs(), queue.stop()).await;
            timeout(10.secs(), machines).await.is_ok()
        });
        let ended =
            run.lines().iter().filter(|it| it.text == "has no more tiles").count();
        run.require(
            ended == 5,
            format!("{ended} of 5 machines ended after the stop"),
            "5",
            "The end of the work concerns each `next` that waits: wake all of them, not one.",
        );
    }
}
