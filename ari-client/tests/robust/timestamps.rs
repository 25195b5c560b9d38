//! Timestamps, against a calendar that counts days one by one.

use std::time::{Duration, SystemTime};

use ari_client::Timestamp;
use proptest::prelude::*;

fn read(text: &str) -> Option<Duration> {
    let time = Timestamp::from(text.to_owned()).to_system_time()?;
    time.duration_since(SystemTime::UNIX_EPOCH).ok()
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_before(year: u64, month: u64, day: u64) -> u64 {
    let years = (1970..year).flat_map(|year| (1..=12).map(move |month| days_in(year, month)));
    let months = (1..month).map(|month| days_in(year, month));
    years.chain(months).sum::<u64>() + day - 1
}

proptest! {
    #[test]
    fn any_text_is_kept(text in any::<String>()) {
        let timestamp = Timestamp::from(text.clone());
        let _ = timestamp.to_system_time();
        prop_assert_eq!(timestamp.as_str(), text);
    }

    #[test]
    fn almost_a_timestamp(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{0,14}[-+Z0-9:]{0,6}") {
        let _ = read(&text);
    }

    #[test]
    fn any_date_of_any_calendar(
        (year, month, day) in (1971_u64..2200, 1_u64..14, 1_u64..33),
        (hour, minute, second, milli) in (0_u64..24, 0_u64..60, 0_u64..60, 0_u64..1000),
        (east, hours, minutes) in (any::<bool>(), 0_u64..15, 0_u64..60),
        colon in prop_oneof![Just(":"), Just("")],
    ) {
        let sign = if east { '+' } else { '-' };
        let text = format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}{sign}{hours:02}{colon}{minutes:02}"
        );
        let expected = (month <= 12 && day <= days_in(year, month)).then(|| {
            let local = ((days_before(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
            let offset = (hours * 60 + minutes) * 60;
            let seconds = if east { local - offset } else { local + offset };
            Duration::from_millis(seconds * 1000 + milli)
        });
        prop_assert_eq!(read(&text), expected, "{}", text);
    }
}
