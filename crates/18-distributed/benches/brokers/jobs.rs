//! Jobs in a second: published and stored, and then received and acknowledged with a confirmation.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use anyhow::{bail, ensure};
use bytes::Bytes;
use distributed::{Message, Queue, Settings, Settle};
use tokio::task::JoinSet;

use crate::{
    plain::Plain,
    process::{JOBS, Process, done, next_step, ready, step},
    rounds::{BATCHES, Scale, WORKERS, median},
    store::{Kind, with_place},
};

/// The body of the message behind the last job. Each worker that receives it has nothing more to do, and
/// returns it for the others.
pub(crate) const OVER: &str = "over";

/// In bytes.
const BODY: usize = 200;

/// What publishes the jobs and works them off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Candidate {
    Queue(Kind),
    Plain,
    PlainConfirmed,
}

impl Candidate {
    fn here() -> Vec<Self> {
        let queues = Kind::here().map(Self::Queue);
        let has_nats = Kind::here().any(|kind| kind == Kind::JetStream);
        let plain = [Self::PlainConfirmed, Self::Plain].into_iter();
        queues.chain(plain.filter(|_| has_nats)).collect()
    }

    fn kind(self) -> Kind {
        match self {
            Self::Queue(kind) => kind,
            Self::Plain | Self::PlainConfirmed => Kind::JetStream,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Queue(kind) => kind.name(),
            Self::Plain => "plain",
            Self::PlainConfirmed => "plain-confirmed",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Queue(kind) => kind.description(),
            Self::Plain => "plain async-nats, ack",
            Self::PlainConfirmed => "plain async-nats, double_ack",
        }
    }

    /// The processes, and how many workers each of them has.
    fn divide(self, workers: usize) -> (usize, usize) {
        if self.kind().is_embedded() { (1, workers) } else { (workers, 1) }
    }
}

/// One row of the table.
struct Row {
    candidate: Candidate,
    batch: usize,
    jobs: usize,
    published: Vec<f64>,
    /// By the number of workers.
    worked_off: [Vec<f64>; WORKERS.len()],
}

pub(crate) fn table(scale: &Scale) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for (batch, jobs) in BATCHES.into_iter().zip(scale.jobs) {
        let row = |candidate| {
            let (published, worked_off) = (Vec::new(), Default::default());
            Row { candidate, batch, jobs, published, worked_off }
        };
        rows.extend(Candidate::here().into_iter().map(row));
    }
    for _ in 0..scale.rounds {
        for row in &mut rows {
            row.run()?;
        }
    }
    let rounds = scale.rounds;
    println!("\njobs in a second, {BODY} bytes each, medians of {rounds}");
    println!("{:<36}{:>6}{:>12}  worked off by", "", "", "");
    print!("{:<36}{:>6}{:>12}", "", "batch", "published");
    WORKERS.iter().for_each(|workers| print!("{workers:>10}"));
    println!();
    for Row { candidate, batch, published, worked_off, .. } in &rows {
        let published = median(published);
        print!("{:<36}{batch:>6}{published:>12.0}", candidate.description());
        worked_off.iter().for_each(|speeds| print!("{:>10.0}", median(speeds)));
        println!();
    }
    println!("the workers of the embedded queue are tasks of one process");
    Ok(())
}

impl Row {
    fn run(&mut self) -> anyhow::Result<()> {
        for (index, workers) in WORKERS.into_iter().enumerate() {
            let measure = |place: &str| self.measure(place, workers);
            let [published, worked_off] = with_place(self.candidate.kind(), measure)?;
            let in_a_second = |took: Duration| self.jobs as f64 / took.as_secs_f64();
            self.published.push(in_a_second(published));
            self.worked_off[index].push(in_a_second(worked_off));
        }
        Ok(())
    }

    fn measure(&self, place: &str, workers: usize) -> anyhow::Result<[Duration; 2]> {
        let (processes, tasks) = self.candidate.divide(workers);
        let numbers = [self.batch, self.jobs, tasks].map(|number| number.to_string());
        let mut arguments = vec![self.candidate.name().to_owned(), place.to_owned()];
        arguments.extend(numbers);
        let start = |_| Process::start(JOBS, &arguments);
        let mut processes: Vec<_> =
            (0..processes).map(start).collect::<anyhow::Result<_>>()?;
        ready(&mut processes)?;
        let (published, _) = step(&mut processes[..1], "publish")?;
        let (worked_off, jobs) = step(&mut processes, "work")?;
        ensure!(jobs == self.jobs, "{jobs} jobs of {} were done", self.jobs);
        Ok([published, worked_off])
    }
}

/// A process that publishes all jobs if it is asked to, and works some of them off.
pub(crate) async fn child(arguments: &[&str]) -> anyhow::Result<()> {
    let [name, place, batch, jobs, tasks] = arguments else {
        bail!("{arguments:?} are not the five arguments of a worker");
    };
    let (batch, jobs) = (batch.parse::<NonZeroUsize>()?, jobs.parse()?);
    let queue = Arc::new(Jobs::open(name, place).await?);
    done(0);
    while let Some(step) = next_step().await? {
        match step.as_str() {
            "publish" => done(queue.publish(jobs, batch).await?),
            "work" => done(queue.work_off(batch, tasks.parse()?).await?),
            _ => bail!("a worker has no step {step}"),
        }
    }
    Ok(())
}

enum Jobs {
    Queue(Arc<dyn Queue>),
    Plain(Box<Plain>),
}

impl Jobs {
    async fn open(name: &str, place: &str) -> anyhow::Result<Self> {
        if name == Candidate::Plain.name() {
            return Ok(Self::Plain(Plain::open(place, false).await?.into()));
        }
        if name == Candidate::PlainConfirmed.name() {
            return Ok(Self::Plain(Plain::open(place, true).await?.into()));
        }
        let broker = Kind::named(name)?.open(place).await?;
        // Each worker returns the message behind the last job.
        let settings = Settings { max_deliver: 1_000, ..Settings::default() };
        Ok(Self::Queue(broker.queue("jobs", settings).await?))
    }

    async fn publish(&self, jobs: usize, batch: NonZeroUsize) -> anyhow::Result<usize> {
        match self {
            Self::Queue(queue) => publish(&**queue, jobs, batch).await,
            Self::Plain(plain) => plain.publish(jobs, batch).await,
        }
    }

    /// Works off jobs with this many tasks until none is left. Returns how many these did.
    async fn work_off(
        self: &Arc<Self>,
        batch: NonZeroUsize,
        tasks: usize,
    ) -> anyhow::Result<usize> {
        let mut workers = JoinSet::new();
        for _ in 0..tasks {
            let jobs = Arc::clone(self);
            workers.spawn(async move {
                match &*jobs {
                    Self::Queue(queue) => work_off(&**queue, batch).await,
                    Self::Plain(plain) => plain.work_off(batch).await,
                }
            });
        }
        workers.join_all().await.into_iter().sum()
    }
}

/// The body of a job.
pub(crate) fn body(n: usize) -> Bytes {
    format!("{n:0BODY$}").into()
}

async fn publish(
    queue: &dyn Queue,
    jobs: usize,
    batch: NonZeroUsize,
) -> anyhow::Result<usize> {
    for first in (0..jobs).step_by(batch.get()) {
        let batch = first..jobs.min(first + batch.get());
        let messages = batch.map(|n| Message::new(body(n)).id(n.to_string()));
        for receipt in queue.publish(messages.collect()).await {
            receipt?;
        }
    }
    queue.publish_one(Message::new(OVER)).await?;
    Ok(jobs)
}

async fn work_off(queue: &dyn Queue, batch: NonZeroUsize) -> anyhow::Result<usize> {
    let mut done = 0;
    loop {
        let received = queue.receive(0, batch).await?;
        let (over, jobs): (Vec<_>, Vec<_>) =
            received.into_iter().partition(|it| it.message.body == OVER);
        let tokens: Vec<_> = jobs.into_iter().map(|job| job.token).collect();
        for settled in queue.settle(&tokens, Settle::Ack).await {
            settled?;
        }
        done += tokens.len();
        if let Some(over) = over.into_iter().next() {
            over.nak(Duration::ZERO).await?;
            return Ok(done);
        }
    }
}
