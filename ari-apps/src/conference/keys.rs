//! What members of a conference press.

use std::time::Duration;

use tokio::time::Instant;

/// The longest pause between two keys of a sequence.
const PAUSE: Duration = Duration::from_secs(3);

/// What a member asks for by keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Command {
    /// `*1`: mute, or unmute.
    ToggleMute,
    /// `#`: leave.
    Leave,
}

/// Reads key sequences, one key at a time.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// When the `*` was pressed that a sequence began with.
    star: Option<Instant>,
}

impl Keys {
    /// Takes a key, pressed `at` this time. A sequence that means nothing is ignored as a whole.
    pub fn press(&mut self, key: char, at: Instant) -> Option<Command> {
        let after_star = self
            .star
            .take()
            .is_some_and(|star| at.saturating_duration_since(star) <= PAUSE);
        match (after_star, key) {
            (_, '*') => {
                self.star = Some(at);
                None
            }
            (true, '1') => Some(Command::ToggleMute),
            (false, '#') => Some(Command::Leave),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Presses keys, a second apart; `.` waits a second more.
    fn press(keys: &str) -> Vec<Command> {
        let start = Instant::now();
        let mut reader = Keys::default();
        let timed = keys
            .chars()
            .enumerate()
            .map(|(second, key)| (start + Duration::from_secs(second as u64), key));
        timed
            .filter(|(_, key)| *key != '.')
            .filter_map(|(at, key)| reader.press(key, at))
            .collect()
    }

    #[test]
    fn sequences_mean_something_and_the_rest_nothing() {
        use Command::{Leave, ToggleMute};
        for (keys, commands) in [
            ("*1", &[ToggleMute][..]),
            ("#", &[Leave]),
            ("1", &[]),
            ("0123456789ABCD", &[]),
            ("*", &[]),
            ("*2", &[]),
            ("*21", &[]),
            ("**1", &[ToggleMute]),
            ("*1*1", &[ToggleMute, ToggleMute]),
            ("*11", &[ToggleMute]),
            ("*#", &[]),
            ("*##", &[Leave]),
            ("*..1", &[ToggleMute]),
            ("*...1", &[]),
            ("*...#", &[Leave]),
            ("5*1#", &[ToggleMute, Leave]),
        ] {
            assert_eq!(press(keys), commands, "{keys}");
        }
    }
}
