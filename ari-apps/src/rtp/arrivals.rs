//! The stream that comes in.

use super::Header;

/// The longest silence that is believed, in ticks: ten seconds at 8000 Hz. A longer jump is a clock that was set anew.
const LONGEST_SILENCE: u32 = 80_000;

/// How many packets late is late; what is further behind is a stream that began anew.
const LATEST: u16 = 500;

/// Follows the stream of a peer.
#[derive(Debug, Clone, Default)]
pub struct Arrivals {
    expected: Option<Expected>,
}

/// What the next packet looks like if nothing is missing.
#[derive(Debug, Clone)]
struct Expected {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
}

/// What a packet means for its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It follows the last one.
    Next,
    /// So many ticks of sound before it never came: silence, or lost packets.
    After(u32),
    /// What follows it has come already: its time is over.
    Late,
}

impl Arrivals {
    /// Takes a packet with `ticks` of sound.
    pub fn take(&mut self, header: &Header, ticks: u32) -> Arrival {
        let arrival = match &self.expected {
            Some(expected) if expected.ssrc == header.ssrc => expected.judge(header),
            // Another source, or the first: it begins anew.
            _ => Arrival::Next,
        };
        if arrival != Arrival::Late {
            self.expected = Some(Expected {
                ssrc: header.ssrc,
                sequence: header.sequence.wrapping_add(1),
                timestamp: header.timestamp.wrapping_add(ticks),
            });
        }
        arrival
    }
}

impl Expected {
    fn judge(&self, header: &Header) -> Arrival {
        if (1..=LATEST).contains(&self.sequence.wrapping_sub(header.sequence)) {
            return Arrival::Late;
        }
        match header.timestamp.wrapping_sub(self.timestamp) {
            missing @ 1..=LONGEST_SILENCE => Arrival::After(missing),
            _ => Arrival::Next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_silence_late_packets_and_new_clocks_are_told_apart() {
        let mut arrivals = Arrivals::default();
        let mut take = |ssrc, sequence, timestamp| {
            arrivals.take(
                &Header {
                    marker: false,
                    payload_type: 0,
                    sequence,
                    timestamp,
                    ssrc,
                },
                160,
            )
        };
        let start = u32::MAX - 159;
        assert_eq!(take(1, u16::MAX, start), Arrival::Next);
        assert_eq!(take(1, 0, 0), Arrival::Next, "both wrap");
        assert_eq!(take(1, 3, 480), Arrival::After(320), "two were lost");
        assert_eq!(take(1, 2, 320), Arrival::Late);
        assert_eq!(take(1, 3, 480), Arrival::Late, "it came twice");
        assert_eq!(take(1, 4, 640), Arrival::Next, "a late packet changes nothing");
        assert_eq!(take(1, 5, 1600), Arrival::After(800), "silence was not sent");
        assert_eq!(take(1, 6, 1_000_000), Arrival::Next, "the clock was set forward");
        assert_eq!(take(1, 7, 7), Arrival::Next, "the clock was set back");
        assert_eq!(take(1, 30_000, 167), Arrival::Next, "packets are counted anew");
        assert_eq!(take(2, 29_990, 99), Arrival::Next, "another source");
    }
}
