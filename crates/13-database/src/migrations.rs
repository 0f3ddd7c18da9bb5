//! A migration is applied once, and the program refuses to start if an applied one has changed.
//!
//! Python: Alembic, a separate tool. sqlx: the files are compiled into the program, which updates
//! its database when it starts. A table lists the applied migrations with their checksums. Several
//! copies of the program may start at the same time: on PostgreSQL a lock lets one migrate while
//! the others wait.
//!
//! With sqlx's macros, `sqlx::migrate!()` replaces the list below.
#![cfg(not(target_family = "wasm"))]

use async_kit::say;
use sqlx::{
    SqlSafeStr,
    any::AnyPoolOptions,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use crate::database::{self, Database};

/// Starts three times: on an empty database, on the same one again, and with an edited file.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new(), async |database| {
        say!("on {}", database.kind());
        for start in ["the first start", "the second start"] {
            migrate(database, &MIGRATIONS).await?;
            say!("{start}: the tables exist");
        }
        let edited = (1, "accounts", "CREATE TABLE accounts (name TEXT)");
        let edited = [edited, MIGRATIONS[1]];
        let refused = migrate(database, &edited).await;
        say!("after an edit: {}", refused.expect_err("a changed file"));
        Ok(())
    })
    .await
}

// ANCHOR: migrations
type Source = (i64, &'static str, &'static str);

async fn migrate(database: &Database, sources: &[Source]) -> Result<(), MigrateError> {
    let pool = database.pool_of(AnyPoolOptions::new().max_connections(1))?;
    let migrated = migrator(sources).run(&pool).await;
    // A failed migration keeps its lock until its connection is closed.
    pool.close().await;
    migrated
}

const MIGRATIONS: [Source; 2] = [
    (1, "accounts", include_str!("../migrations/1_accounts.sql")),
    (2, "transfers", include_str!("../migrations/2_transfers.sql")),
];

fn migrator(sources: &[Source]) -> Migrator {
    let migrations = sources.iter().map(|&(version, name, sql)| {
        let sql = sql.into_sql_str();
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}
// ANCHOR_END: migrations

#[cfg(test)]
mod tests {
    use sqlx::{query, query_scalar};

    use super::*;
    use crate::both_databases::on_both;

    #[tokio::test]
    async fn a_second_start_changes_nothing() {
        on_both(AnyPoolOptions::new(), async |database| {
            migrate(database, &MIGRATIONS).await?;
            let ada = "INSERT INTO accounts VALUES ('ada', 1)";
            query(ada).execute(&database.pool).await?;
            migrate(database, &MIGRATIONS).await?;
            let accounts: i64 = query_scalar("SELECT count(*) FROM accounts")
                .fetch_one(&database.pool)
                .await?;
            assert_eq!(accounts, 1);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn an_older_database_gets_only_the_new_migrations() {
        on_both(AnyPoolOptions::new(), async |database| {
            migrate(database, &MIGRATIONS[..1]).await?;
            let transfers = "SELECT count(*) FROM transfers";
            assert!(query(transfers).execute(&database.pool).await.is_err());
            migrate(database, &MIGRATIONS).await?;
            query(transfers).execute(&database.pool).await?;
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn an_edited_migration_is_refused_and_so_is_a_missing_one() {
        on_both(AnyPoolOptions::new(), async |database| {
            migrate(database, &MIGRATIONS).await?;
            let mut edited = MIGRATIONS;
            edited[0].2 = "CREATE TABLE accounts (name TEXT)";
            let refused = migrate(database, &edited).await;
            assert!(
                matches!(refused, Err(MigrateError::VersionMismatch(1))),
                "{refused:?}"
            );
            let refused = migrate(database, &MIGRATIONS[1..]).await;
            assert!(
                matches!(refused, Err(MigrateError::VersionMissing(1))),
                "{refused:?}"
            );
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_failed_migration_changes_nothing() {
        on_both(AnyPoolOptions::new(), async |database| {
            let mut broken = MIGRATIONS;
            broken[1].2 =
                "CREATE TABLE half (n BIGINT); CREATE TABEL transfers (n BIGINT)";
            let failed = migrate(database, &broken).await;
            assert!(
                matches!(failed, Err(MigrateError::ExecuteMigration(_, 2))),
                "{failed:?}"
            );
            let half = query("SELECT * FROM half").execute(&database.pool).await;
            assert!(half.is_err(), "half of the migration was applied");
            migrate(database, &MIGRATIONS).await?;
            Ok(())
        })
        .await;
    }
}
