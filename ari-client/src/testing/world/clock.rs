//! Wall-clock time as Asterisk writes it.

use std::time::SystemTime;

const MILLIS_PER_DAY: i64 = 86_400_000;

/// Now, such as `2025-03-17T08:32:35.709+0000`.
pub(crate) fn timestamp() -> String {
    let since_epoch = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    format(i64::try_from(since_epoch.as_millis()).unwrap_or_default())
}

/// Seconds since 1970.
pub(crate) fn epoch_seconds() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

fn format(millis: i64) -> String {
    let (year, month, day) = civil(millis.div_euclid(MILLIS_PER_DAY));
    let time = millis.rem_euclid(MILLIS_PER_DAY);
    let (hours, minutes) = (time / 3_600_000, time / 60_000 % 60);
    let (seconds, millis) = (time / 1_000 % 60, time % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}+0000")
}

/// The Gregorian date of a day counted from 1970-01-01. Years are counted from March, so that leap days come last.
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let day_of_era = day.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (year_of_era + era * 400 + next_year, month, day)
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn dates_are_right_around_leap_days() {
        assert_eq!(format(0), "1970-01-01T00:00:00.000+0000");
        assert_eq!(format(951_782_400_000), "2000-02-29T00:00:00.000+0000");
        assert_eq!(format(1_709_251_199_999), "2024-02-29T23:59:59.999+0000");
        assert_eq!(format(1_709_251_200_000), "2024-03-01T00:00:00.000+0000");
        assert_eq!(format(1_742_200_355_709), "2025-03-17T08:32:35.709+0000");
    }
}
