//! Packets as they come from the network.

use std::ops::Range;

use super::Header;

/// A packet that came: its header, and where in the datagram its payload lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// The fixed header.
    pub header: Header,
    /// The payload's place in the datagram, without padding. It begins at [`Header::LENGTH`] or later, so a header
    /// for sending the payload on fits before it.
    pub payload: Range<usize>,
}

/// Why a datagram is no RTP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PacketError {
    /// It ends before its header does.
    #[error("{0} bytes are too few for an RTP header")]
    Short(usize),
    /// It is of another protocol, or of a version of RTP that nobody uses.
    #[error("RTP version {0} in place of 2")]
    Version(u8),
    /// It is RTCP, which may share the port (RFC 5761).
    #[error("RTCP packet of type {0}")]
    Rtcp(u8),
    /// It claims more padding than it has bytes, or none at all.
    #[error("padding of {0} bytes does not fit")]
    Padding(u8),
}

impl Packet {
    /// Reads a datagram.
    ///
    /// # Errors
    /// What makes it something else than an RTP packet.
    pub fn parse(datagram: &[u8]) -> Result<Self, PacketError> {
        let short = PacketError::Short(datagram.len());
        let (fixed, rest) = datagram.split_first_chunk::<{ Header::LENGTH }>().ok_or(short)?;
        let [flags, kind, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = *fixed;
        if flags >> 6 != 2 {
            return Err(PacketError::Version(flags >> 6));
        }
        if (192..=223).contains(&kind) {
            return Err(PacketError::Rtcp(kind));
        }
        let sources = 4 * usize::from(flags & 0x0f);
        let mut start = Header::LENGTH + sources;
        if flags & 0x10 != 0 {
            let extension = rest
                .get(sources..)
                .and_then(|rest| rest.first_chunk::<4>())
                .ok_or(short)?;
            start += 4 + 4 * usize::from(u16::from_be_bytes([extension[2], extension[3]]));
        }
        let mut end = datagram.len();
        if start > end {
            return Err(short);
        }
        if flags & 0x20 != 0 {
            let padding = datagram[end - 1];
            if padding == 0 || usize::from(padding) > end - start {
                return Err(PacketError::Padding(padding));
            }
            end -= usize::from(padding);
        }
        let header = Header {
            marker: kind & 0x80 != 0,
            payload_type: kind & 0x7f,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([c0, c1, c2, c3]),
        };
        Ok(Self {
            header,
            payload: start..end,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header {
        marker: true,
        payload_type: 8,
        sequence: 0xfffe,
        timestamp: 0x0102_0304,
        ssrc: 0xdead_beef,
    };

    /// A datagram with these first flags and what follows the fixed header.
    fn datagram(flags: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = HEADER.to_bytes().to_vec();
        bytes[0] |= flags;
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = datagram(0, b"sound");
        assert_eq!(bytes[..4], [0x80, 0x88, 0xff, 0xfe]);
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!(packet.header, HEADER);
        assert_eq!(&bytes[packet.payload], b"sound");
        let plain = Header {
            marker: false,
            ..HEADER
        };
        assert_eq!(
            Packet::parse(&plain.to_bytes()).unwrap(),
            Packet {
                header: plain,
                payload: 12..12
            }
        );
    }

    #[test]
    fn sources_extension_and_padding_are_no_payload() {
        let everything = b"srcAsrcB\xbe\xde\x00\x01exts-sound-\0\0\x03";
        for (flags, rest, payload) in [
            (0x02, &b"srcAsrcB-sound-"[..], &b"-sound-"[..]),
            (0x10, b"\xbe\xde\x00\x00-sound-", b"-sound-"),
            (0x10, b"\xbe\xde\x00\x01exts-sound-", b"-sound-"),
            (0x20, b"-sound-\x01", b"-sound-"),
            (0x32, everything, b"-sound-"),
            (0x20, b"\0\0\x03", b""),
        ] {
            let bytes = datagram(flags, rest);
            let packet = Packet::parse(&bytes).unwrap();
            assert_eq!(&bytes[packet.payload], payload, "{flags:#x}");
        }
    }

    #[test]
    fn what_is_no_rtp_is_named() {
        let with_kind = |kind| {
            let mut bytes = datagram(0, b"x");
            bytes[1] = kind;
            bytes
        };
        for (bytes, error) in [
            (vec![], PacketError::Short(0)),
            (vec![0x80; 11], PacketError::Short(11)),
            (vec![0x40; 20], PacketError::Version(1)),
            (with_kind(200), PacketError::Rtcp(200)),
            (datagram(0x01, b"src"), PacketError::Short(15)),
            (datagram(0x0f, b"src"), PacketError::Short(15)),
            (datagram(0x10, b"\0\0\0"), PacketError::Short(15)),
            (datagram(0x10, b"\0\0\0\x01ext"), PacketError::Short(19)),
            (datagram(0x11, b"srcA\0\0"), PacketError::Short(18)),
            (datagram(0x20, b""), PacketError::Padding(0xef)),
            (datagram(0x20, b"ab\0"), PacketError::Padding(0)),
            (datagram(0x20, b"ab\x04"), PacketError::Padding(4)),
        ] {
            assert_eq!(Packet::parse(&bytes), Err(error), "{bytes:x?}");
        }
    }

    #[test]
    fn no_bytes_at_all_make_it_panic() {
        let mut random = fastrand::Rng::with_seed(3550);
        for _ in 0..100_000 {
            let mut bytes: Vec<u8> = (0..random.usize(..64)).map(|_| random.u8(..)).collect();
            if let Some(first) = bytes.first_mut() {
                *first = 0x80 | *first & 0x3f;
            }
            if let Ok(packet) = Packet::parse(&bytes) {
                assert!(packet.payload.start >= Header::LENGTH && packet.payload.end <= bytes.len());
            }
        }
    }
}
