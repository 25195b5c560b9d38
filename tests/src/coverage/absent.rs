//! What the Asterisk of the lab cannot do, and why. An entry for something that was seen is an error.

/// Operations and events by name, each with the reason.
const ABSENT: [(&str, &str); 4] = [
    ("mailboxes.list", NO_MAILBOXES),
    ("mailboxes.get", NO_MAILBOXES),
    ("mailboxes.update", NO_MAILBOXES),
    ("mailboxes.delete", NO_MAILBOXES),
];

const NO_MAILBOXES: &str =
    "the Debian package ships no res_ari_mailboxes module, so every path below /mailboxes is 404";

/// Operations that name a failure and have none, each with the reason.
const NEVER_FAILS: [(&str, &str); 1] = [(
    "mailboxes.update",
    "names 404, and Asterisk's source makes the mailbox where there is none",
)];

/// Why `name` cannot be made to fail, where that is known.
pub(super) fn never_fails(name: &str) -> Option<&'static str> {
    NEVER_FAILS
        .iter()
        .find_map(|(known, why)| (*known == name).then_some(*why))
}

/// Why `name` was not seen, where that is known.
pub(super) fn reason(name: &str) -> Option<&'static str> {
    ABSENT
        .iter()
        .find_map(|(absent, why)| (*absent == name).then_some(*why))
}

/// All names that stand here.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ABSENT.iter().map(|(name, _)| *name)
}
