//! A semaphore has a permit for each tile that waits, and a `watch` channel counts the tiles that are left.

use std::{
    collections::VecDeque,
    panic::resume_unwind,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::{
    join, spawn,
    sync::{Semaphore, watch},
    time::sleep,
};

/// The name of a tile.
type Tile = &'static str;

/// The queue. A clone is a handle to the same queue.
#[derive(Clone)]
struct Queue {
    shared: Arc<Shared>,
}

struct Shared {
    attempts: u32,
    tiles: Mutex<VecDeque<(Tile, u32)>>,
    /// A permit for each tile in `tiles`. It is closed at the end of all work.
    ready: Semaphore,
    /// The tiles that are neither done nor dead.
    left: watch::Sender<usize>,
    dead: Mutex<Vec<Tile>>,
    stopped: AtomicBool,
}

impl Shared {
    fn push(&self, tile: Tile, deliveries: u32) {
        self.tiles.lock().unwrap().push_back((tile, deliveries));
        self.ready.add_permits(1);
    }

    fn close_if_finished(&self) {
        if self.stopped.load(SeqCst) && *self.left.borrow() == 0 {
            self.ready.close();
        }
    }
}

impl Queue {
    /// Each tile is delivered at most `attempts` times.
    fn new(attempts: u32) -> Self {
        let shared = Shared {
            attempts,
            tiles: Mutex::default(),
            ready: Semaphore::new(0),
            left: watch::Sender::new(0),
            dead: Mutex::default(),
            stopped: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Adds a tile, or returns it if the queue is stopped.
    fn add(&self, tile: Tile) -> Result<(), Tile> {
        if self.shared.stopped.load(SeqCst) {
            return Err(tile);
        }
        self.shared.left.send_modify(|left| *left += 1);
        self.shared.push(tile, 0);
        Ok(())
    }

    /// Waits for the next tile. `None` if the queue is stopped and there will never be one.
    async fn next(&self) -> Option<Delivery> {
        // A cancelled `acquire` returns its permit, and the next one in the wait queue gets it.
        self.shared.ready.acquire().await.ok()?.forget();
        let (tile, earlier) = self.shared.tiles.lock().unwrap().pop_front()?;
        let shared = self.shared.clone();
        Some(Delivery { tile, number: earlier + 1, done: false, shared })
    }

    /// Accepts no more tiles, and waits until each is done or a dead letter.
    async fn stop(&self) {
        self.shared.stopped.store(true, SeqCst);
        self.shared.close_if_finished();
        let _ = self.shared.left.subscribe().wait_for(|left| *left == 0).await;
    }

    fn dead_letters(&self) -> Vec<Tile> {
        self.shared.dead.lock().unwrap().clone()
    }
}

/// A tile, with the machine that renders it.
struct Delivery {
    tile: Tile,
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
        if !self.done && self.number < self.shared.attempts {
            return self.shared.push(self.tile, self.number);
        }
        if !self.done {
            self.shared.dead.lock().unwrap().push(self.tile);
        }
        self.shared.left.send_modify(|left| *left -= 1);
        self.shared.close_if_finished();
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
