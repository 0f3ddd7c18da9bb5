//! Each failure of a server is an error that names what to do, and contains no password.

use std::net::TcpListener;

use distributed::{
    AppendError, Broker, BrokerError, Message, Postgres, PublishError, Settings,
};
use sqlx::{Connection, query, raw_sql};

use crate::{
    server::{Server, url_of},
    space::{Space, on_postgres},
};

async fn error_of(url: &str) -> String {
    let error = Postgres::open(url, "space").await.expect_err("an error");
    assert!(matches!(error, BrokerError::Connection(_)), "{error:?}");
    let text = format!("{error} {error:?}");
    assert!(!text.contains("s3cret"), "{text}");
    text
}

#[tokio::test]
async fn an_invalid_address_is_refused_without_its_password() {
    for url in [
        "postgres://ann:s3cret@db:99999/shop",
        "postgres://ann:s3cret@[::1/shop",
        "postgres://ann:s3cret@db/shop?sslmode=no",
        "ann:s3cret@db/shop",
        "mysql://ann:s3cret@db/shop",
    ] {
        let error = error_of(url).await;
        assert!(error.contains("DATABASE_URL is not a valid postgres:// URL"), "{error}");
    }
}

#[tokio::test]
async fn without_a_server_the_error_names_its_host_and_port() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = error_of(&format!("postgres://ann:s3cret@127.0.0.1:{port}/shop")).await;
    assert!(
        error
            .contains(&format!("127.0.0.1:{port} cannot be reached: Connection refused")),
        "{error}"
    );

    let folder = tempfile::tempdir().unwrap();
    let error = error_of(&url_of("ann:s3cret", folder.path())).await;
    assert!(error.contains(".s.PGSQL.5432 cannot be reached"), "{error}");
}

/// A server that answers, but in another language.
#[tokio::test]
async fn a_server_that_is_no_database_is_an_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("postgres://ann:s3cret@127.0.0.1:{port}/shop?sslmode=disable");
    let answer = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(
            &mut stream,
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
        )
        .await
    };
    let (error, answered) = tokio::join!(error_of(&url), answer);
    answered.unwrap();
    assert!(error.contains("PostgreSQL at 127.0.0.1"), "{error}");
}

#[tokio::test]
async fn users_are_refused_for_a_wrong_password_and_for_missing_rights() {
    let Some(mut server) = Server::start() else { return };
    let mut session = sqlx::PgConnection::connect(&server.url()).await.unwrap();
    let roles = "CREATE ROLE ann LOGIN PASSWORD 'right'; CREATE ROLE bob LOGIN";
    raw_sql(roles).execute(&mut session).await.unwrap();
    server.demand_password_of("ann");
    server.kill();
    server.restart();

    let error = error_of(&server.url_of("ann:s3cret")).await;
    assert!(
        error.contains("refuses this client: password authentication failed"),
        "{error}"
    );
    assert!(error.contains("Correct DATABASE_URL"), "{error}");

    let error = Postgres::open(&server.url_of("bob"), "space").await.unwrap_err();
    assert!(matches!(error, BrokerError::Server(_)), "{error:?}");
    assert!(error.to_string().contains("needs the right CREATE"), "{error}");

    let error = error_of(&server.url_of("chapter").replace("/postgres?", "/shop?")).await;
    assert!(error.contains("database \"shop\" does not exist"), "{error}");
}

#[tokio::test]
async fn a_full_disk_refuses_a_message_and_acknowledges_nothing() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        let log = space.broker.log("history").await.unwrap();
        // What the server reports when it cannot extend a file.
        let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full';
            END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON message EXECUTE FUNCTION full_disk();
            CREATE TRIGGER full_disk BEFORE INSERT ON entry EXECUTE FUNCTION full_disk();";
        let mut session = space.session().await;
        raw_sql(full).execute(&mut session).await.unwrap();
        let error = queue.publish_one(Message::new("a").id("1")).await.unwrap_err();
        assert!(matches!(error, PublishError::StoreFull), "{error}");
        let error = log.append(0, "a".into()).await.unwrap_err();
        assert!(error.to_string().contains("no room left on its disk"), "{error}");

        let repaired = "DROP TRIGGER full_disk ON message; DROP TRIGGER full_disk ON entry";
        raw_sql(repaired).execute(&mut session).await.unwrap();
        let receipt = queue.publish_one(Message::new("a").id("1")).await.unwrap();
        assert!(!receipt.duplicate, "its id was not remembered");
        assert_eq!(log.append(0, "a".into()).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_refused_and_stores_nothing() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        let limited = format!("{}&options=-c%20statement_timeout=200", space.url);
        let limited = Postgres::open(&limited, &space.name).await.unwrap();
        let limited = limited.queue("jobs", Settings::default()).await.unwrap();
        let mut session = space.session().await;
        let mut transaction = session.begin().await.unwrap();
        query("LOCK TABLE message").execute(&mut *transaction).await.unwrap();
        let error = limited.publish_one(Message::new("a")).await.unwrap_err();
        assert!(matches!(error, PublishError::Refused(_)), "{error}");
        assert!(error.to_string().contains("statement timeout"), "{error}");
        transaction.rollback().await.unwrap();
        assert_eq!(queue.status().await.unwrap().waiting, 0);
    })
    .await;
}

#[tokio::test]
async fn an_entry_or_a_name_that_cannot_be_stored_is_refused() {
    on_postgres(async |space| {
        let log = space.broker.log("history").await.unwrap();
        let error =
            log.append(0, vec![0; distributed::MAX_BODY + 1].into()).await.unwrap_err();
        assert!(matches!(error, AppendError::TooLarge { .. }), "{error}");
        for name in ["", "a b", "a;b", "a\"b", "ä"] {
            let error = Postgres::open(&space.url, name).await.unwrap_err();
            assert!(matches!(error, BrokerError::Name(_)), "{error}");
        }
    })
    .await;
}

/// The names differ only in their case, which PostgreSQL ignores without quotes.
#[tokio::test]
async fn two_namespaces_do_not_see_each_other() {
    on_postgres(async |space| {
        let upper = Postgres::open(&space.url, &space.name.to_uppercase()).await.unwrap();
        let other = upper.queue("jobs", Settings::default()).await.unwrap();
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        other.publish_one(Message::new("a")).await.unwrap();
        assert_eq!(queue.status().await.unwrap().waiting, 0);
        upper.remove().await.unwrap();
        queue.publish_one(Message::new("b")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn eight_processes_may_create_the_same_namespace_at_the_same_time() {
    on_postgres(async |space| {
        space.broker.remove().await.unwrap();
        let open = || Postgres::open(&space.url, &space.name);
        let opened = futures::future::join_all((0..8).map(|_| open())).await;
        for broker in opened {
            broker.unwrap().queue("jobs", Settings::default()).await.unwrap();
        }
        let again = Space {
            broker: open().await.unwrap(),
            url: space.url.clone(),
            name: space.name.clone(),
        };
        again.broker.queue("jobs", Settings::default()).await.unwrap();
    })
    .await;
}
