//! `/mailboxes`, on the fake: the Asterisk of the lab has no module for them.

use anyhow::Result;
use ari_client::Resources as _;
use ari_client::testing::FakeAsterisk;

use super::judge::Judge;
use super::ledger::Ledger;

const OURS: &str = "1000@default";
const NONE: &str = "nobody@default";

/// What the fake answers.
pub(super) async fn on_fake() -> Result<Ledger> {
    let fake = FakeAsterisk::start().await?;
    let judge = Judge::of(fake.address().port(), fake.username(), fake.password()).await?;
    judge.step("mailboxes", mailboxes(&judge)).await;
    Ok(judge.into_ledger())
}

/// An update names a failure and has none: it makes the mailbox where there is none.
async fn mailboxes(judge: &Judge) -> Result<()> {
    let mailboxes = judge.ari.mailboxes();
    judge.succeeds(mailboxes.update(OURS, 1, 2)).await?;
    judge.succeeds(mailboxes.list()).await?;
    judge.refused(judge.stranger.mailboxes().list()).await?;
    let mailbox = judge.succeeds(mailboxes.get(OURS)).await?;
    anyhow::ensure!(
        (mailbox.old_messages, mailbox.new_messages) == (1, 2),
        "{mailbox:?}"
    );
    judge.fails(mailboxes.get(NONE)).await?;
    judge.succeeds(mailboxes.delete(OURS)).await?;
    judge.fails(mailboxes.delete(OURS)).await
}
