//! `/mailboxes`: on the Asterisk if it has the module for them, which Debian's has not; and on the fake.

use anyhow::{Result, ensure};
use ari_client::Resources as _;
use ari_client::mailboxes::{Delete, Get, List, Update};
use ari_client::request::Operation;
use ari_client::testing::FakeAsterisk;

use super::judge::Judge;
use super::ledger::Ledger;
use super::stage::Stage;

const MODULE: &str = "res_ari_mailboxes.so";
const OPERATIONS: [&str; 4] = [
    <List as Operation>::NAME,
    <Get as Operation>::NAME,
    <Update as Operation>::NAME,
    <Delete as Operation>::NAME,
];

const OURS: &str = "1000@default";
const NONE: &str = "nobody@default";

pub(super) async fn cover(stage: &Stage) {
    stage.step("mailboxes", on_asterisk(stage)).await;
}

/// What the fake answers.
pub(super) async fn on_fake() -> Result<Ledger> {
    let fake = FakeAsterisk::start().await?;
    let judge = Judge::of(fake.address().port(), fake.username(), fake.password()).await?;
    judge.step("mailboxes on the fake", mailboxes(&judge)).await;
    Ok(judge.into_ledger())
}

/// Without the module there is no such path.
async fn on_asterisk(stage: &Stage) -> Result<()> {
    let module = stage.ari.asterisk().get_module(MODULE).await;
    let list = stage.ari.mailboxes().list().await;
    match module.err().and_then(|error| error.status()) {
        Some(404) => {}
        _ => return mailboxes(stage).await,
    }
    let status = list.err().and_then(|error| error.status());
    ensure!(
        status == Some(404),
        "no {MODULE}, and GET /mailboxes is {status:?}"
    );
    let why =
        format!("this Asterisk is packaged without {MODULE}: 404 for the module, and 404 for GET /mailboxes");
    let mut ledger = stage.ledger();
    for operation in OPERATIONS {
        ledger.absent.insert(operation, why.clone());
    }
    Ok(())
}

async fn mailboxes(judge: &Judge) -> Result<()> {
    let mailboxes = judge.ari.mailboxes();
    judge.succeeds(mailboxes.update(OURS, 1, 2)).await?;
    judge.succeeds(mailboxes.list()).await?;
    judge.refused(judge.stranger.mailboxes().list()).await?;
    let mailbox = judge.succeeds(mailboxes.get(OURS)).await?;
    ensure!(
        (mailbox.old_messages, mailbox.new_messages) == (1, 2),
        "{mailbox:?}"
    );
    judge.fails(mailboxes.get(NONE), 404).await?;
    judge.succeeds(mailboxes.delete(OURS)).await?;
    judge.fails(mailboxes.delete(OURS), 404).await
}
