//! The stream that this program sends.

use super::{Format, Header};

/// Makes the headers of one outgoing stream: a source of its own, packets counted, time told by what was sent.
#[derive(Debug, Clone)]
pub struct Sender {
    next: Header,
}

impl Sender {
    /// Begins a stream, with random numbers as RFC 3550 asks for.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self {
            next: Header {
                marker: true,
                payload_type: format.payload_type(),
                sequence: fastrand::u16(..),
                timestamp: fastrand::u32(..),
                ssrc: fastrand::u32(..),
            },
        }
    }

    /// The header of the next packet, which holds `ticks` of sound. The marker is on the first packet, and on the first
    /// after a [silence](Self::skip).
    pub fn header(&mut self, ticks: u32) -> Header {
        let header = self.next;
        self.next.marker = false;
        self.next.sequence = header.sequence.wrapping_add(1);
        self.next.timestamp = header.timestamp.wrapping_add(ticks);
        header
    }

    /// Lets `ticks` of silence pass unsent.
    pub fn skip(&mut self, ticks: u32) {
        self.next.marker = true;
        self.next.timestamp = self.next.timestamp.wrapping_add(ticks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_goes_on_and_wraps() {
        let mut sender = Sender::new(Format::Alaw);
        sender.next.sequence = u16::MAX;
        sender.next.timestamp = u32::MAX - 159;
        let [first, second, third] = [(); 3].map(|()| sender.header(160));
        assert!(first.marker && !second.marker && !third.marker);
        assert_eq!(
            [first.sequence, second.sequence, third.sequence],
            [u16::MAX, 0, 1]
        );
        assert_eq!(
            [first.timestamp, second.timestamp, third.timestamp],
            [u32::MAX - 159, 0, 160]
        );
        assert!(
            [second, third]
                .iter()
                .all(|next| next.ssrc == first.ssrc && next.payload_type == 8)
        );
    }

    #[test]
    fn silence_takes_time_and_no_packet() {
        let mut sender = Sender::new(Format::Ulaw);
        let before = sender.header(160);
        sender.skip(800);
        let after = sender.header(160);
        assert!(after.marker);
        assert_eq!(after.sequence, before.sequence.wrapping_add(1));
        assert_eq!(after.timestamp, before.timestamp.wrapping_add(960));
    }
}
