//! Ids that the client makes for the objects it creates.

use std::fmt;
use std::time::SystemTime;

/// A kind of object that events are about and that has an id of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ObjectKind {
    /// A channel; also a snoop channel, an external media channel, or a half of a Local channel.
    Channel,
    /// A bridge.
    Bridge,
    /// A playback.
    Playback,
    /// A live recording; its id is its name.
    Recording,
}

impl ObjectKind {
    fn suffix(self) -> &'static str {
        match self {
            Self::Channel => "ch",
            Self::Bridge => "br",
            Self::Playback => "pb",
            Self::Recording => "rc",
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Channel => "channel",
            Self::Bridge => "bridge",
            Self::Playback => "playback",
            Self::Recording => "recording",
        })
    }
}

/// Makes an id that no other object has: ordered by time, and with its kind visible, such as
/// `01k9wq3v9ns3m6x6d3v4r1tq9e-ch`. Where the clock is set back, the order suffers, and nothing else.
#[must_use]
pub fn new_id(kind: ObjectKind) -> String {
    id_at(kind, millis())
}

fn id_at(kind: ObjectKind, millis: u64) -> String {
    let mut id = ulid::Ulid::from_parts(millis, random()).to_string();
    id.make_ascii_lowercase();
    id.push('-');
    id.push_str(kind.suffix());
    id
}

/// Whether `id` is one that [`new_id`] makes, and thus that of one object only.
pub(crate) fn is_new_id(id: &str) -> bool {
    const SUFFIXES: [&str; 4] = ["ch", "br", "pb", "rc"];
    parts(id).is_some_and(|(_, suffix)| SUFFIXES.contains(&suffix))
}

/// Whether `id` is one that [`new_id`] made for such an object before `moment`.
pub(crate) fn made_before(moment: SystemTime, kind: ObjectKind, id: &str) -> bool {
    parts(id).is_some_and(|(made, suffix)| suffix == kind.suffix() && made.timestamp_ms() < millis_at(moment))
}

fn parts(id: &str) -> Option<(ulid::Ulid, &str)> {
    let (made, suffix) = id.split_once('-')?;
    Some((ulid::Ulid::from_string(made).ok()?, suffix))
}

fn millis() -> u64 {
    millis_at(SystemTime::now())
}

fn millis_at(moment: SystemTime) -> u64 {
    let since_epoch = moment.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

fn random() -> u128 {
    fastrand::u128(..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_show_their_kind_and_sort_by_time() {
        let first = new_id(ObjectKind::Channel);
        std::thread::sleep(std::time::Duration::from_millis(2));
        let second = new_id(ObjectKind::Bridge);
        assert!(
            first.ends_with("-ch") && second.ends_with("-br"),
            "{first} {second}"
        );
        assert!(first < second, "{first} {second}");
        assert_eq!(first.len(), 29);
        assert!(is_new_id(&first) && is_new_id(&second));
    }

    #[test]
    fn the_ids_of_others_are_not_taken_for_ours() {
        for other in [
            "",
            "leg-b",
            "1761200000.7",
            "room-ch",
            "01k9wq3v9ns3m6x6d3v4r1tq9e",
        ] {
            assert!(!is_new_id(other), "{other}");
        }
    }

    #[test]
    fn a_clock_that_jumps_makes_no_id_twice() {
        let ids = [5, 5, 0, u64::MAX, 5].map(|millis| id_at(ObjectKind::Channel, millis));
        let different: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(different.len(), ids.len(), "{ids:?}");
    }

    #[test]
    fn an_id_tells_for_what_it_was_made_and_when() {
        let before = SystemTime::now();
        std::thread::sleep(std::time::Duration::from_millis(2));
        let id = new_id(ObjectKind::Bridge);
        std::thread::sleep(std::time::Duration::from_millis(2));
        let after = SystemTime::now();
        assert!(made_before(after, ObjectKind::Bridge, &id));
        assert!(!made_before(before, ObjectKind::Bridge, &id));
        assert!(!made_before(after, ObjectKind::Channel, &id));
        for foreign in ["", "-br", "br", "lobby-br", "1795413431.100", "ü-br"] {
            assert!(!made_before(after, ObjectKind::Bridge, foreign), "{foreign}");
        }
    }
}
