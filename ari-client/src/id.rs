//! Ids that the client makes for the objects it creates.

use std::fmt;

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
    id.split_once('-')
        .is_some_and(|(ulid, suffix)| SUFFIXES.contains(&suffix) && ulid::Ulid::from_string(ulid).is_ok())
}

fn millis() -> u64 {
    let since_epoch = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
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
}
