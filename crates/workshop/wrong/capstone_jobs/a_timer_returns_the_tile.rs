//! A tile that is not done after a minute is delivered again, although its machine is only slow.
//! message: A slow machine is alive. Its end must return the tile, and not a timer.

use std::{
    collections::VecDeque,
    panic::resume_unwind,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::{join, spawn, sync::Notify, time::sleep};

/// The name of a tile.
type Tile = &'static str;

/// The queue. A clone is a handle to the same queue.
#[derive(Clone)]
struct Queue {
    shared: Arc<Shared>,
}

struct Shared {
    attempts: u32,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// Each tile with the number of its deliveries.
    waiting: VecDeque<(Tile, u32)>,
    /// How many tiles the machines hold.
    delivered: usize,
    dead: Vec<Tile>,
    stopped: bool,
}

impl State {
    /// A tile that a machine holds may come back, so an empty queue is not enough.
    fn is_finished(&self) -> bool {
        self.stopped && self.waiting.is_empty() && self.delivered == 0
    }
}

impl Shared {
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let output = change(&mut self.state.lock().unwrap());
        // All of them: a new tile concerns one `next`, but the end concerns each, and `stop`.
        self.changed.notify_waiters();
        output
    }

    /// Waits until `ready` finds what it looks for.
    async fn wait<T>(&self, ready: impl Fn(&mut State) -> Option<T>) -> T {
        loop {
            // Made before the look at the state: a change between the two is not missed.
            let changed = self.changed.notified();
            let found = ready(&mut self.state.lock().unwrap());
            match found {
                Some(found) => return found,
                None => changed.await,
            }
        }
    }
}

impl Queue {
    /// Each tile is delivered at most `attempts` times.
    fn new(attempts: u32) -> Self {
        let (state, changed) = (Mutex::default(), Notify::new());
        Self { shared: Arc::new(Shared { attempts, state, changed }) }
    }

    /// Adds a tile, or returns it if the queue is stopped.
    fn add(&self, tile: Tile) -> Result<(), Tile> {
        self.shared.change(|state| {
            if state.stopped {
                return Err(tile);
            }
            state.waiting.push_back((tile, 0));
            Ok(())
        })
    }

    /// Waits for the next tile. `None` if the queue is stopped and there will never be one.
    async fn next(&self) -> Option<Delivery> {
        let delivery = |state: &mut State| {
            let (tile, earlier) = state.waiting.pop_front()?;
            state.delivered += 1;
            let shared = self.shared.clone();
            let late = shared.clone();
            spawn(async move {
                sleep(60.secs()).await;
                late.change(|state| {
                    if state.delivered > 0 {
                        state.waiting.push_back((tile, earlier + 1));
                    }
                });
            });
            Some(Delivery { tile, number: earlier + 1, done: false, shared })
        };
        let next = |state: &mut State| match delivery(state) {
            None if !state.is_finished() => None,
            next => Some(next),
        };
        self.shared.wait(next).await
    }

    /// Accepts no more tiles, and waits until each is done or a dead letter.
    async fn stop(&self) {
        self.shared.change(|state| state.stopped = true);
        self.shared.wait(|state| state.is_finished().then_some(())).await;
    }

    fn dead_letters(&self) -> Vec<Tile> {
        self.shared.state.lock().unwrap().dead.clone()
    }
}

/// A tile, with the machine that renders it.
struct Delivery {
    tile: Tile,
    /// The first delivery of a tile is number 1.
    number: u32,
    done: bool,
    shared: Arc<Shared>,
}

impl Delivery {
    fn tile(&self) -> Tile {
        self.tile
    }

    /// The tile is rendered.
    fn done(mut self) {
        self.done = true;
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.shared.change(|state| {
            state.delivered -= 1;
            match self.done {
                true => {}
                false if self.number < self.shared.attempts => {
                    state.waiting.push_back((self.tile, self.number));
                }
                false => state.dead.push(self.tile),
            }
        });
    }
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
