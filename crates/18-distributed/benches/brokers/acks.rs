//! What an acknowledgement costs, alone and together with 99 others.

use std::{
    num::NonZeroUsize,
    path::Path,
    time::{Duration, Instant},
};

use distributed::{Message, Settings, Settle, Token};
use sqlx::{
    Connection, SqliteConnection, query, raw_sql,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{
    jobs::body,
    plain::Plain,
    rounds::{BATCHES, Scale, median},
    store::{Kind, block_on, with_place},
};

/// How many acknowledgements are not measured: the first one prepares its statement.
const WARM_UP: usize = 10;

/// What acknowledges.
#[derive(Clone, Copy, Debug)]
enum Candidate {
    Queue(Kind),
    /// A transaction that deletes rows, and does not wait for the disk.
    SqliteNormal,
    SqliteFull,
    /// It is sent, and the client does not know whether it arrives.
    PlainSent,
    PlainConfirmed,
}

impl Candidate {
    fn here() -> Vec<Self> {
        let queues = Kind::here().map(Self::Queue);
        let mut all: Vec<_> =
            queues.chain([Self::SqliteNormal, Self::SqliteFull]).collect();
        if Kind::here().any(|kind| kind == Kind::JetStream) {
            all.extend([Self::PlainConfirmed, Self::PlainSent]);
        }
        all
    }

    fn description(self) -> &'static str {
        match self {
            Self::Queue(kind) => kind.description(),
            Self::SqliteNormal => "plain SQLite, synchronous=NORMAL",
            Self::SqliteFull => "plain SQLite, synchronous=FULL",
            Self::PlainSent => "plain async-nats, ack: only sent",
            Self::PlainConfirmed => "plain async-nats, double_ack",
        }
    }

    fn kind(self) -> Kind {
        match self {
            Self::Queue(kind) => kind,
            Self::SqliteNormal | Self::SqliteFull => Kind::Folder,
            Self::PlainSent | Self::PlainConfirmed => Kind::JetStream,
        }
    }

    /// How long it takes to acknowledge all, in batches.
    async fn measure(
        self,
        place: &str,
        count: usize,
        batch: usize,
    ) -> anyhow::Result<Duration> {
        match self {
            Self::Queue(kind) => queue(kind, place, count, batch).await,
            Self::SqliteNormal => {
                sqlite(SqliteSynchronous::Normal, place, count, batch).await
            }
            Self::SqliteFull => {
                sqlite(SqliteSynchronous::Full, place, count, batch).await
            }
            Self::PlainSent => plain(false, place, count, batch).await,
            Self::PlainConfirmed => plain(true, place, count, batch).await,
        }
    }
}

pub(crate) fn table(scale: &Scale) -> anyhow::Result<()> {
    let mut rows: Vec<_> = Candidate::here()
        .into_iter()
        .map(|candidate| (candidate, BATCHES.map(|_| Vec::new())))
        .collect();
    for _ in 0..scale.rounds {
        for (candidate, costs) in &mut rows {
            for ((batch, count), costs) in BATCHES.into_iter().zip(scale.acks).zip(costs)
            {
                let measure =
                    |place: &str| block_on(candidate.measure(place, count, batch));
                let took = with_place(candidate.kind(), measure)?;
                costs.push(took.as_secs_f64() * 1e6 / count as f64);
            }
        }
    }
    println!("\nmicroseconds for an acknowledgement, medians of {}", scale.rounds);
    println!("{:<36}{:>12}{:>12}", "", "alone", "of 100");
    for (candidate, [alone, together]) in &rows {
        let (alone, together) = (median(alone), median(together));
        println!("{:<36}{alone:>12.1}{together:>12.1}", candidate.description());
    }
    Ok(())
}

async fn queue(
    kind: Kind,
    place: &str,
    count: usize,
    batch: usize,
) -> anyhow::Result<Duration> {
    let queue = kind.open(place).await?.queue("acks", Settings::default()).await?;
    let all = count + WARM_UP;
    let messages = (0..all).map(|n| Message::new(body(n))).collect();
    for receipt in queue.publish(messages).await {
        receipt?;
    }
    let mut tokens: Vec<Token> = Vec::with_capacity(all);
    while let Some(missing) = NonZeroUsize::new(all - tokens.len()) {
        let received = queue.receive(0, missing).await?;
        tokens.extend(received.into_iter().map(|delivery| delivery.token));
    }
    for token in tokens.drain(..WARM_UP) {
        queue.settle(&[token], Settle::Ack).await.remove(0)?;
    }
    let start = Instant::now();
    for tokens in tokens.chunks(batch) {
        for settled in queue.settle(tokens, Settle::Ack).await {
            settled?;
        }
    }
    Ok(start.elapsed())
}

async fn sqlite(
    synchronous: SqliteSynchronous,
    place: &str,
    count: usize,
    batch: usize,
) -> anyhow::Result<Duration> {
    let options = SqliteConnectOptions::new()
        .filename(Path::new(place).join("acks.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let create = "CREATE TABLE message (seq INTEGER PRIMARY KEY, body BLOB NOT NULL)";
    raw_sql(create).execute(&mut connection).await?;
    let mut filling = connection.begin().await?;
    let mut seqs: Vec<_> = (0_i64..).take(count + WARM_UP).collect();
    for seq in &seqs {
        let insert = query("INSERT INTO message VALUES (?, ?)").bind(seq);
        insert.bind(&body(count)[..]).execute(&mut *filling).await?;
    }
    filling.commit().await?;
    let warm_up: Vec<_> = seqs.drain(..WARM_UP).collect();
    delete(&mut connection, &warm_up).await?;
    let start = Instant::now();
    for batch in seqs.chunks(batch) {
        delete(&mut connection, batch).await?;
    }
    let took = start.elapsed();
    connection.close().await?;
    Ok(took)
}

async fn delete(connection: &mut SqliteConnection, batch: &[i64]) -> sqlx::Result<()> {
    let mut acks = connection.begin().await?;
    for seq in batch {
        let delete = query("DELETE FROM message WHERE seq = ?").bind(seq);
        delete.execute(&mut *acks).await?;
    }
    acks.commit().await
}

async fn plain(
    is_confirmed: bool,
    space: &str,
    count: usize,
    batch: usize,
) -> anyhow::Result<Duration> {
    let plain = Plain::open(space, is_confirmed).await?;
    let mut deliveries = plain.deliveries(count + WARM_UP).await?;
    let warm_up: Vec<_> = deliveries.drain(..WARM_UP).collect();
    plain.ack(&warm_up).await?;
    plain.flush().await?;
    let start = Instant::now();
    for deliveries in deliveries.chunks(batch) {
        plain.ack(deliveries).await?;
        plain.flush().await?;
    }
    Ok(start.elapsed())
}
