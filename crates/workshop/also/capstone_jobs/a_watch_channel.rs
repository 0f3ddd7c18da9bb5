//! A `watch` channel holds the state: `wait_for` replaces the lock, the `Notify` and the loop around them.

use std::{
    collections::VecDeque,
    panic::resume_unwind,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::{join, spawn, sync::watch, time::sleep};

/// The name of a tile.
type Tile = &'static str;

/// The queue. A clone is a handle to the same queue.
#[derive(Clone)]
struct Queue {
    shared: Arc<Shared>,
}

struct Shared {
    attempts: u32,
    state: watch::Sender<State>,
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

impl Queue {
    /// Each tile is delivered at most `attempts` times.
    fn new(attempts: u32) -> Self {
        Self { shared: Arc::new(Shared { attempts, state: watch::Sender::default() }) }
    }

    /// Adds a tile, or returns it if the queue is stopped.
    fn add(&self, tile: Tile) -> Result<(), Tile> {
        let added = self.shared.state.send_if_modified(|state| {
            if !state.stopped {
                state.waiting.push_back((tile, 0));
            }
            !state.stopped
        });
        if added { Ok(()) } else { Err(tile) }
    }

    /// Waits for the next tile. `None` if the queue is stopped and there will never be one.
    async fn next(&self) -> Option<Delivery> {
        let mut seen = self.shared.state.subscribe();
        loop {
            let ready = |state: &State| !state.waiting.is_empty() || state.is_finished();
            let finished =
                seen.wait_for(ready).await.expect("self has a sender").is_finished();
            if finished {
                return None;
            }
            // Another machine may have been faster.
            let mut taken = None;
            self.shared.state.send_if_modified(|state| {
                taken = state.waiting.pop_front();
                state.delivered += usize::from(taken.is_some());
                false
            });
            if let Some((tile, earlier)) = taken {
                let shared = self.shared.clone();
                return Some(Delivery { tile, number: earlier + 1, done: false, shared });
            }
        }
    }

    /// Accepts no more tiles, and waits until each is done or a dead letter.
    async fn stop(&self) {
        self.shared.state.send_modify(|state| state.stopped = true);
        let mut seen = self.shared.state.subscribe();
        let _ = seen.wait_for(State::is_finished).await;
    }

    fn dead_letters(&self) -> Vec<Tile> {
        self.shared.state.borrow().dead.clone()
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
        self.shared.state.send_modify(|state| {
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
