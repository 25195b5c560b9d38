//! Asterisk's timestamps.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// A point in time as Asterisk writes it, such as `2025-03-17T08:32:35.709-0600`: the server's local time with
/// its offset.
///
/// The text is kept as it came; [`to_system_time`](Timestamp::to_system_time) reads it.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(String);

impl Timestamp {
    /// The text as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The point in time, or `None` where the text is not a timestamp.
    ///
    /// Both offset forms are read, `-0600` and `-06:00`, and `Z`.
    #[must_use]
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let (date, rest) = self.0.split_once('T')?;
        let zone_at = rest.find(['+', '-', 'Z'])?;
        let (time, zone) = rest.split_at(zone_at);
        let seconds = days_since_epoch(date)? * 86_400 + seconds_of_day(time)? - offset_seconds(zone)?;
        let since_epoch = Duration::from_secs(u64::try_from(seconds).ok()?) + fraction(time)?;
        SystemTime::UNIX_EPOCH.checked_add(since_epoch)
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({})", self.0)
    }
}

/// Days from 1970-01-01 in the Gregorian calendar, counting years from March so that leap days come last.
fn days_since_epoch(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (
        number(parts.next()?)?,
        number(parts.next()?)?,
        number(parts.next()?)?,
    );
    if !(1..=9_999).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=days_in(month, year)).contains(&day)
    {
        return None;
    }
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days_of_year = (153 * month + 2) / 5 + day - 1;
    Some(365 * year + year / 4 - year / 100 + year / 400 + days_of_year - 719_468)
}

fn days_in(month: i64, year: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn seconds_of_day(time: &str) -> Option<i64> {
    let whole = time.split('.').next()?;
    let mut parts = whole.splitn(3, ':');
    let (hours, minutes, seconds) = (
        number(parts.next()?)?,
        number(parts.next()?)?,
        number(parts.next()?)?,
    );
    (hours < 24 && minutes < 60 && seconds < 61).then_some(hours * 3_600 + minutes * 60 + seconds)
}

fn fraction(time: &str) -> Option<Duration> {
    let Some((_, digits)) = time.split_once('.') else {
        return Some(Duration::ZERO);
    };
    let nanos = digits
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(9)
        .try_fold(0_u32, |nanos, digit| {
            digit
                .is_ascii_digit()
                .then(|| nanos * 10 + u32::from(digit - b'0'))
        })?;
    Some(Duration::from_nanos(nanos.into()))
}

fn offset_seconds(zone: &str) -> Option<i64> {
    let (sign, offset) = zone.split_at_checked(1)?;
    let sign = match sign {
        "Z" if offset.is_empty() => return Some(0),
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = offset.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let (hours, minutes) = (number(hours)?, two_digits(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn two_digits(text: &str) -> Option<i64> {
    number(text).filter(|_| text.len() == 2)
}

fn number(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 9 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Option<u128> {
        let time = Timestamp::from(text.to_owned()).to_system_time()?;
        Some(time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis())
    }

    #[test]
    fn reads_what_asterisk_writes() {
        assert_eq!(millis("2025-03-17T08:32:35.709-0600"), Some(1_742_221_955_709));
        assert_eq!(millis("2025-03-17T08:32:35.709-06:00"), Some(1_742_221_955_709));
        assert_eq!(millis("1970-01-01T00:00:00.000+0000"), Some(0));
        assert_eq!(millis("2024-02-29T12:00:00Z"), Some(1_709_208_000_000));
    }

    #[test]
    fn anything_else_is_none_and_kept_as_text() {
        for text in [
            "",
            "yesterday",
            "2025-03-17",
            "2025-13-17T00:00:00Z",
            "2025-03-17T08:32:35.7x9-0600",
            "T+é",
            "2025-02-29T00:00:00Z",
            "2025-04-31T00:00:00Z",
            "2025-03-17T00:00:00Z0600",
            "2025-03-17T00:00:00+06:",
            "2025-03-17T00:00:00+0:600",
            "2025-03-17T00:00:00+9900",
        ] {
            assert_eq!(millis(text), None, "{text}");
            assert_eq!(Timestamp::from(text.to_owned()).as_str(), text);
        }
    }
}
