//! A version number refuses a change that is based on an outdated text, without any lock.
//!
//! A person thinks for minutes. A transaction that stays open that long keeps a connection, and
//! locks that other transactions wait for. So the row has a version: read it with the text, and
//! write only `WHERE version = …`. If another editor has saved first, no row matches and nothing
//! is written. This is called optimistic locking; SQLAlchemy does it with a `version_id_col`. It is
//! not specific to async code, but every function with an `await` between a read and a write needs
//! it.
#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use async_kit::{Lane, Millis, say};
use sqlx::{AnyPool, any::AnyPoolOptions, query, query_as};
use tokio::time::sleep;

use crate::database;

/// Ada and Bob read the same page; Bob saves first, so Ada has to start again.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new(), async |database| {
        say!("on {}", database.kind());
        make_page(&database.pool).await?;
        let editors = [("ada", 200.ms()), ("bob", 100.ms())].map(|(name, thinks)| {
            let pool = database.pool.clone();
            let edited = async move { edit(&pool, name, thinks).await };
            tokio::spawn(edited.try_lane(name))
        });
        for editor in editors {
            editor.await??;
        }
        let page = Page::read(&database.pool).await?;
        say!("version {} of the page: {}", page.version, page.text);
        Ok(())
    })
    .await
}

async fn make_page(pool: &AnyPool) -> sqlx::Result<()> {
    query("CREATE TABLE page (text TEXT NOT NULL, version BIGINT NOT NULL)")
        .execute(pool)
        .await?;
    query("INSERT INTO page VALUES ('once', 1)").execute(pool).await?;
    Ok(())
}

/// Adds a name to the page; if another editor saved first, starts again from the new text.
async fn edit(pool: &AnyPool, name: &str, thinks: Duration) -> sqlx::Result<()> {
    loop {
        let page = Page::read(pool).await?;
        say!("reads version {}", page.version);
        sleep(thinks).step("thinking").await;
        if page.replace(pool, &format!("{} {name}", page.text)).await? {
            say!("saved");
            return Ok(());
        }
        say!("another editor saved first");
    }
}

// ANCHOR: version
#[derive(Debug)]
struct Page {
    text: String,
    version: i64,
}

impl Page {
    async fn read(pool: &AnyPool) -> sqlx::Result<Self> {
        let row = query_as("SELECT text, version FROM page").fetch_one(pool).await?;
        let (text, version) = row;
        Ok(Self { text, version })
    }

    /// Replaces the text unless the page has changed since it was read; returns whether it did so.
    async fn replace(&self, pool: &AnyPool, text: &str) -> sqlx::Result<bool> {
        let update =
            "UPDATE page SET text = $1, version = version + 1 WHERE version = $2";
        let done = query(update).bind(text).bind(self.version).execute(pool).await?;
        Ok(done.rows_affected() == 1)
    }
}
// ANCHOR_END: version

#[cfg(test)]
mod tests {
    use futures::future::try_join_all;

    use super::*;
    use crate::both_databases::on_both;

    #[tokio::test]
    async fn a_change_to_an_old_version_writes_nothing() {
        on_both(AnyPoolOptions::new(), async |database| {
            let pool = &database.pool;
            make_page(pool).await?;
            let (ada, bob) = (Page::read(pool).await?, Page::read(pool).await?);
            assert!(bob.replace(pool, "by bob").await?);
            assert!(!ada.replace(pool, "by ada").await?);
            let page = Page::read(pool).await?;
            assert_eq!((page.text.as_str(), page.version), ("by bob", 2));
            assert!(page.replace(pool, "by both").await?);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn every_editor_is_on_the_page_in_the_end() {
        on_both(AnyPoolOptions::new().max_connections(4), async |database| {
            let pool = &database.pool;
            make_page(pool).await?;
            let names = ["ada", "bob", "cid", "dan"];
            try_join_all(names.map(|name| edit(pool, name, 1.ms()))).await?;
            let page = Page::read(pool).await?;
            assert_eq!(page.version, 5, "{page:?}");
            for name in names {
                assert_eq!(page.text.matches(name).count(), 1, "{page:?}");
            }
            Ok(())
        })
        .await;
    }
}
