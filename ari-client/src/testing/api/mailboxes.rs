//! `/mailboxes`: counts of messages, which applications keep for phones to show.
//!
//! Debian's Asterisk ships without them: what is done here was read from Asterisk's source and not seen on a real one.

use serde_json::json;

use super::{Outcome, Params, Reply};
use crate::testing::world::{Mailbox, World};

pub(super) fn list(world: &mut World, _: &Params) -> Outcome {
    let mailboxes = world.mailboxes.iter();
    Ok(Reply::list(mailboxes.map(|(name, mailbox)| text(name, mailbox))))
}

pub(super) fn get(world: &mut World, params: &Params) -> Outcome {
    let name = params.id();
    match world.mailboxes.get(name) {
        Some(mailbox) => Ok(Reply::ok(text(name, mailbox))),
        // Asterisk's own words.
        None => Err(Reply::message(404, "Mailbox is does not exist").into()),
    }
}

/// Makes the mailbox where there is none.
pub(super) fn update(world: &mut World, params: &Params) -> Outcome {
    let count = |name| params.number(name).unwrap_or_default();
    let mailbox = Mailbox {
        old: count("oldMessages"),
        new: count("newMessages"),
    };
    world.mailboxes.insert(params.id().to_owned(), mailbox);
    Ok(Reply::no_content())
}

pub(super) fn delete(world: &mut World, params: &Params) -> Outcome {
    match world.mailboxes.remove(params.id()) {
        Some(_) => Ok(Reply::no_content()),
        None => Err(Reply::message(404, "Mailbox does not exist").into()),
    }
}

fn text(name: &str, mailbox: &Mailbox) -> String {
    json!({ "name": name, "old_messages": mailbox.old, "new_messages": mailbox.new }).to_string()
}
